#include "duet/cli/reporter.h"

#include <algorithm>

#include "duet/core/columns.h"
#include "duet/core/error.h"
#include "duet/core/text.h"

namespace duet {

size_t Reporter::log_columns() const {
  // Logs are searched as well as read: lines may be as long as a wide terminal shows.
  constexpr size_t kLog = 139;
  return status_.terminal().redraws() ? status_.room() : kLog;
}

void Reporter::line(const std::string& text) {
  const auto shown = printable(text);
  status_.print(status_.terminal().redraws() ? wrapped(shown, {.columns = status_.room(), .rest = "  "})
                                             : shown + "\n");
}

void Reporter::tick(const Progress& p) {
  status_.print(ticks_.line(p, log_columns()) + "\n");
  ticked_ = true;
  rate_ = p.images_per_second;
  left_ = p.seconds_left;
}

void Reporter::moved(double kimg) {
  const auto now = std::chrono::steady_clock::now();
  if (!status_.terminal().redraws()) return;
  if (begun_kimg_ < 0) begun_kimg_ = kimg, begun_ = now;
  if (now - drawn_ < std::chrono::milliseconds(200)) return;
  drawn_ = now;
  if (!ticked_ && kimg > begun_kimg_) {
    rate_ = 1000 * (kimg - begun_kimg_) / std::chrono::duration<double>(now - begun_).count();
    left_ = 1000 * (total_kimg_ - kimg) / rate_;
  }
  status_.draw(bar_line(kimg, total_kimg_, rate_, left_, status_.room()));
}

void Reporter::doing(const std::string& what) { status_.draw(what); }

void Reporter::classifier(const ClassifierProgress& progress) {
  if (!status_.terminal().redraws() && progress.seen == 0)
    line("training the classifier for scores (cached for later runs)");
  doing("training the classifier for scores: " + pace_.text(progress));
}

void Reporter::scored(const Report& report, bool best) { status_.print(score_lines(report, best, log_columns())); }

}  // namespace duet
