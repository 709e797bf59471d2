#include "duet/cli/train_run.h"
#include "duet/cli/train_seeds.h"
#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/train/precisions.h"

namespace duet {
namespace {

CLI::Validator more_than_nothing() {
  const auto check = [](const std::string& text) {
    double value = 1;
    constexpr double kMost = 1e9;
    if (!CLI::detail::lexical_cast(text, value) || (value > 0 && value <= kMost)) return std::string();
    return fmt::format("is {}; expected more than 0{}", text,
                       value > 0 ? " and at most 1e9: a run can be stopped and resumed at any time"
                                 : ": 1 is a thousand real images; `--dry-run` trains nothing");
  };
  return CLI::Validator(check, "");
}

}  // namespace

void add_train(CLI::App& program) {
  auto* verb = program.add_subcommand("train", "train a recipe, or resume a run");
  auto options = std::make_shared<TrainOptions>();
  auto seeds = std::make_shared<int64_t>(0);
  verb->add_option("recipe", options->target, "name or file of a recipe, or with --resume a run folder")->required();
  verb->add_option("--data", options->data,
                   "training data: a built-in set or a path (`duet inspect` shows how it is read)")
      ->check(not_empty("a built-in set or a path; leave it out for the recipe's"));
  verb->add_option("--out", options->out, "run folder (default: runs/NAME; with --seeds runs/NAME-seeds)")
      ->check(not_empty("a new folder; leave it out for runs/NAME"));
  verb->add_option("--set", options->set, "set a recipe key: --set player.generator.lr=1e-4")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--precision", options->precision,
                   "of products: fp32, tf32 (GPUs), bf16, fp64 (everything, for exact toys), or auto: bf16 if the "
                   "CPU supports it and the recipe is known to learn as well in it")
      ->check(one_of(precisions()));
  add_device(*verb, options->device);
  verb->add_option("--seed", options->seed, "seed of all random numbers")->check(seed_range());
  verb->add_option("--seeds", *seeds,
                   "train this many runs with consecutive seeds, in one folder, and print mean and spread of their "
                   "scores; the same command continues where it was stopped")
      ->check(between(2, 1000, "one run needs --seed alone"));
  verb->add_option("--kimg", options->kimg, "length in thousands of real images")->check(more_than_nothing());
  add_threads(*verb);
  verb->add_flag("--resume", options->resume, "continue from the newest undamaged checkpoint");
  verb->add_flag("--accept-changes", options->accept_changes, "resume although the recipe or the data have changed");
  verb->add_flag("--dry-run", options->dry_run,
                 "print the whole recipe, every layer's shape and the parameter counts; train nothing");
  verb->footer(
      "Example:\n  duet train digits\n  duet train mnist/dcgan --data path/to/mnist --kimg 500\n  duet train "
      "runs/mnist-dcgan --resume\n  duet train ring --seeds 5 --threads 1");
  verb->callback([options, seeds] {
    if (*seeds > 0) return train_seeds(*options, *seeds);
    options->resume ? resume_training(*options) : start_training(*options);
  });
}

}  // namespace duet
