#include "duet/data/formats/gzip.h"
#include "duet/data/formats/matrix.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  read_some(open_matrix(folder.put("table.csv", bytes), {}));
}

std::string packed(const std::string& text) { return text_of(gzip(std::as_bytes(std::span(text)))); }

std::vector<std::string> seeds() {
  return {"1,2\n3,4.5\n-6e-3,+7\n",
          "\xef\xbb\xbfx,y,label\n0.5,1,0\n1.5,2,1\r\n",
          "a;b\n1,5;2,5\n",
          "\"first, one\",\"second \"\"two\"\"\"\n\"1\",\"2\"\n",
          ",a,b\n0,1,2\n1,3,4\n",
          "x,class\n1,cat\n2,dog\n",
          "1e39,2\n",
          std::string("\xff\xfe"
                      "1\0,\0"
                      "2\0\n\0",
                      10),
          "inf,nan\n1,2\n",
          "height\tweight\tclass\n1.5\t2\tcat\n2.5\t-3e2\t\"dog\tpuppy\"\n",
          "# x y label\n0.5  1 0\n1.5 2   1\n",
          "a|b|target\n1|2|0\n3|4|1\n",
          "1.000,5;2\n0,5;1.5\n",
          "id,2019,2020,2021\n1,2,3,4\n",
          packed("x,y,label\n0.5,1,a\n1.5,2,b\n"),
          packed("1\t2\n") + packed("3\t4\n")};
}

}  // namespace

FuzzTarget fuzz_csv() { return {"csv", read, seeds, {}}; }

}  // namespace duet
