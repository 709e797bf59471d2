#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace duet {

/// The number that `text` says with a decimal point; nothing for other text. nan and inf are numbers
/// here; so is what a double cannot hold: 1e400 is inf, and 1e-400 is 0.
std::optional<double> csv_number(std::string_view text);

/// "0,5" and "-1,25e3" with a decimal comma; nothing for other text, as for thousands "1,000.5" and "1,000,000".
std::optional<double> decimal_comma_number(std::string_view text);

/// Why a cell that should be a number is none, and what to write instead: "'0,5' has a decimal comma; ...".
/// Nothing where there is no more to say than that it is no number.
std::string csv_number_advice(std::string_view text);

/// The same for what is meant as a number but written in words or with a unit, as also names of columns are: "True",
/// "10%", "$5".
std::string csv_text_advice(std::string_view text);

}  // namespace duet
