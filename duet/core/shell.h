#pragma once

#include <string>
#include <string_view>

namespace duet {

/// A path or value as one word of a shell command in a message, so that the command can be pasted: unchanged where that
/// is safe, else in single quotes ('my run', 'it'\''s'), with control characters and bytes that are not UTF-8 in
/// $'...'. A path that begins like an option gets ./ before it.
std::string shell_quoted(std::string_view word);

/// Explains why the shell did not expand a pattern or ~ in a path: "; the shell expands ~ only ...". Empty if there is
/// none. For messages about a path that does not exist.
std::string unexpanded(std::string_view path);

/// Throws Error(usage) for an output path such as '~/runs', which would create a folder named ~. The message begins
/// with `option`.
void refuse_tilde(std::string_view option, std::string_view path);

}  // namespace duet
