#include "duet/cli/reporter.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "duet/core/error.h"

namespace duet {
namespace {

/// "discriminator" as papers write it: "D".
std::string initial(const std::string& player) {
  return player.empty() ? player : std::string(1, static_cast<char>(std::toupper(player.front())));
}

/// The terms by player in short words: "D loss 1.29 r1 0.0722 real 0.114 fake -0.108 G loss 0.775".
std::string short_terms(const Progress& p) {
  std::string text, player;
  for (const auto& [name, value] : p.terms) {
    const auto slash = name.find('/');
    const auto mover = name.substr(0, slash);
    auto term = name.substr(slash == std::string::npos ? 0 : slash + 1);
    if (std::exchange(player, mover) != mover) text += " " + initial(mover);
    if (term == "adversarial") term = "loss";
    if (term.starts_with("logit_")) term.erase(0, 6);
    text += fmt::format(" {} {:.3g}", term, value);
  }
  return text;
}

/// One line of the log. Where it is too long for a wide terminal, the shares of time are left out of it, and of those
/// to come: all lines of a run have the same columns. Everything in full is in events.jsonl.
std::string tick_line(const Progress& p, bool& with_shares) {
  constexpr size_t kMostColumns = 139;
  auto text = fmt::format("{:8.2f} kimg {:3.0f}%  {:.0f} img/s  ETA {} |{}", p.kimg,
                          std::min(100.0, 100 * p.kimg / p.total_kimg), p.images_per_second, duration(p.seconds_left),
                          short_terms(p));
  std::string shares;
  for (const auto& [name, share] : p.time_shares)
    if (share >= 0.005)
      shares += fmt::format(" {} {:.0f}%", name == "data" || name == "other" ? name : initial(name), 100 * share);
  if (text.size() + 2 + shares.size() > kMostColumns) with_shares = false;
  return with_shares ? text + " |" + shares : text;
}

}  // namespace

Reporter::Reporter(double total_kimg) : total_kimg_(total_kimg), terminal_(::isatty(STDOUT_FILENO) != 0) {}

void Reporter::line(const std::string& text) {
  fmt::print("{}{}\n", terminal_ ? "\r\033[K" : "", text);
  std::fflush(stdout);
}

void Reporter::tick(const Progress& p) {
  line(tick_line(p, with_shares_));
  ticked_ = true;
  rate_ = p.images_per_second;
  left_ = p.seconds_left;
}

void Reporter::moved(double kimg) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_) return;
  if (begun_kimg_ < 0) begun_kimg_ = kimg, begun_ = now;
  if (now - drawn_ < std::chrono::milliseconds(200)) return;
  drawn_ = now;
  std::string pace;
  if (!ticked_ && kimg > begun_kimg_) {
    rate_ = 1000 * (kimg - begun_kimg_) / std::chrono::duration<double>(now - begun_).count();
    left_ = 1000 * (total_kimg_ - kimg) / rate_;
  }
  if (rate_ > 0) pace = fmt::format("  {:.0f} img/s  ETA {}", rate_, duration(std::max(0.0, left_)));
  constexpr int kWidth = 40;
  const int filled = static_cast<int>(kWidth * std::min(1.0, kimg / total_kimg_));
  fmt::print("\r\033[K[{}{}] {:.2f} / {:g} kimg{}", std::string(static_cast<size_t>(filled), '#'),
             std::string(static_cast<size_t>(kWidth - filled), '.'), kimg, total_kimg_, pace);
  std::fflush(stdout);
}

void Reporter::doing(const std::string& what) {
  if (!terminal_) return;
  fmt::print("\r\033[K{}", what);
  std::fflush(stdout);
}

void Reporter::classifier(const ClassifierProgress& progress) {
  if (!terminal_ && progress.seen == 0) line("training the classifier that scores are made with (kept for later runs)");
  doing("training the classifier for scores: " + pace_.text(progress));
}

void Reporter::scored(const Report& report, bool best) {
  std::string text;
  for (const char* name : {"frechet", "kernel_distance", "energy_distance", "mode_divergence", "modes", "confident",
                           "agreement", "high_quality"})
    if (const auto* metric = report.find(name)) text += fmt::format("  {} {:.4g}", name, metric->value);
  line(fmt::format("          score{}{}", text, best ? "  (best so far, kept)" : ""));
}

}  // namespace duet
