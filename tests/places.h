#pragma once

namespace duet {

/// The repository, and the program that was built. Functions of one source, so that no other test is compiled anew in
/// another folder.
const char* source_path();
const char* program_path();

}  // namespace duet
