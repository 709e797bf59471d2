#pragma once

#include <string>
#include <string_view>

namespace duet {

/// A path or value as one word of a command that a message advises, so that it can be pasted into a shell: as it is
/// where that is safe, else in single quotes ('my run', 'it'\''s'), with control characters and bytes that are no
/// UTF-8 in $'...'. A path that begins like an option gets ./ before it.
std::string shell_quoted(std::string_view word);

/// What a shell would have done with a word, had it not been kept from it: "; the shell expands ~ only ...". Empty
/// where there is nothing to say. For messages about a path that does not exist.
std::string unexpanded(std::string_view path);

/// Throws Error(usage) for an output path such as '~/runs', which would make a folder of the name ~. `option` begins
/// the message.
void refuse_tilde(std::string_view option, std::string_view path);

}  // namespace duet
