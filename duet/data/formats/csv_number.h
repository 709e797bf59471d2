#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace duet {

/// Parses a number with a decimal point; none for other text. nan and inf are accepted, and numbers beyond a double's
/// range: 1e400 is inf, and 1e-400 is 0.
std::optional<double> csv_number(std::string_view text);

/// Parses "0,5" and "-1,25e3" with a decimal comma; none for other text such as "1,000.5" and "1,000,000".
std::optional<double> decimal_comma_number(std::string_view text);

/// Why a cell is not a number, and what to write instead: "'0,5' has a decimal comma; ...". Empty if there is nothing
/// more to say.
std::string csv_number_advice(std::string_view text);

/// The same for numbers written in words or with a unit, which also occur in names of columns: "True", "10%", "$5".
std::string csv_text_advice(std::string_view text);

}  // namespace duet
