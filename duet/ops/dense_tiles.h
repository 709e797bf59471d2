#pragma once

// What avx512_fp32.cpp and avx512_bf16.cpp compile, each for its own instructions (see vectors.h).
#include <type_traits>
#include <utility>

#include "duet/ops/dense_kernels.h"
#include "duet/ops/vectors.h"

namespace duet {
namespace {

/// Element: how x and y are stored and multiplied.
template <class Element>
struct DenseTiles {
  using Number = typename Element::Number;
  using Word = typename Element::Word;
  using Product = DenseKernels::Product;

  // A tile's sums, its vectors and one word fit the 32 registers.
  static constexpr int kRows = 6, kVectors = 4;
  // What is done with rows at a time: whole tiles, and whole squares to transpose.
  static constexpr int64_t kGroup = 48, kPanel = 16 * kVectors;
  // So many examples of x are packed at a time.
  static constexpr int64_t kExamples = 512;

  static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
  static int64_t words(int64_t numbers) { return (numbers + Element::kPacked - 1) / Element::kPacked; }
  static int64_t vectors(int64_t numbers) { return (numbers + 15) / 16; }

  /// rows x (16 vectors) sums over steps of a's word for each row times b's vectors, which lie one after the other.
  template <int rows, int vectors>
  static void tile(const Word* a, int64_t a_row, int64_t a_step, const Word* b, int64_t steps, float* out,
                   int64_t out_row) {
    Floats sums[rows][vectors] = {};
    for (int64_t step = 0; step < steps; ++step, a += a_step, b += 16 * vectors) {
      decltype(Element::words(b)) right[vectors];
      DUET_UNROLL for (int v = 0; v < vectors; ++v) right[v] = Element::words(b + 16 * v);
      DUET_UNROLL for (int r = 0; r < rows; ++r) {
        const auto word = Element::repeat(a[r * a_row]);
        DUET_UNROLL for (int v = 0; v < vectors; ++v) Element::multiply_add(sums[r][v], word, right[v]);
      }
    }
    DUET_UNROLL for (int r = 0; r < rows; ++r) DUET_UNROLL for (int v = 0; v < vectors; ++v)
        store(out + r * out_row + 16 * v, sums[r][v]);
  }

  using Tile = void (*)(const Word*, int64_t, int64_t, const Word*, int64_t, float*, int64_t);
  template <int... i>
  static Tile find_tile(int64_t rows, int64_t vectors, std::integer_sequence<int, i...>) {
    static constexpr Tile all[] = {&tile<i / kVectors + 1, i % kVectors + 1>...};
    return all[(rows - 1) * kVectors + vectors - 1];
  }
  static Tile find_tile(int64_t rows, int64_t vectors) {
    return find_tile(rows, vectors, std::make_integer_sequence<int, kRows * kVectors>{});
  }

  /// How vectors [first, last) are cut into panels of nearly the same width.
  struct Panels {
    int64_t first, last;
    int64_t count() const { return (last - first + kVectors - 1) / kVectors; }
    int64_t begin(int64_t panel) const { return first + (last - first) * panel / count(); }
    int64_t width(int64_t panel) const { return begin(panel + 1) - begin(panel); }
  };

  /// The operand whose words are repeated.
  struct Left {
    const Word* words;
    int64_t row, step;
  };

  /// out [rows, columns] = left times a panel.
  template <class Out>
  static void multiply(const Left& left, int64_t rows, const Word* panel, int64_t width, int64_t steps, Out* out,
                       int64_t out_row, int64_t columns) {
    for (int64_t r = 0; r < rows; r += kRows) {
      const int64_t count = least(kRows, rows - r);
      const auto tile = find_tile(count, width);
      Out* to = out + r * out_row;
      if constexpr (std::is_same_v<Out, float>) {
        if (columns == 16 * width) {
          tile(left.words + r * left.row, left.row, left.step, panel, steps, to, out_row);
          continue;
        }
      }
      float sums[kRows * kPanel];
      tile(left.words + r * left.row, left.row, left.step, panel, steps, sums, kPanel);
      using Target = std::conditional_t<std::is_same_v<Out, float>, Float32, Element>;
      for (int64_t i = 0; i < count; ++i)
        for (int64_t c = 0; c < columns; c += 16)
          Target::store(to + i * out_row + c, load(sums + i * kPanel + c), columns - c);
    }
  }

  /// Rows [first, last) of x, as words that follow each other down a column: per 16 rows a column of vectors.
  static void pack_examples(const DenseShape& s, const Number* x, int64_t first, int64_t last, Word* panels) {
    const Panels cut{0, vectors(last - first)};
    const int64_t steps = words(s.in);
    for (int64_t p = 0; p < cut.count(); ++p)
      for (int64_t v = 0; v < cut.width(p); ++v)
        for (int64_t step = 0; step < steps; step += 16) {
          __m512i square[16];
          const int64_t row = first + (cut.begin(p) + v) * 16, left = s.in - step * Element::kPacked;
          for (int64_t i = 0; i < 16; ++i)
            square[i] = row + i < last ? Element::beside(x + (row + i) * s.in + step * Element::kPacked, left)
                                       : _mm512_setzero_si512();
          transpose(square);
          Word* to = panels + (cut.begin(p) * steps + step * cut.width(p) + v) * 16;
          for (int64_t i = 0; i < least(16, steps - step); ++i)
            _mm512_storeu_si512(to + i * cut.width(p) * 16, square[i]);
        }
  }

  static void output(const DenseShape& s, const void* x, const float* weight, const float* bias, float slope, void* y,
                     int64_t first, int64_t last, void* room) {
    const int64_t steps = words(s.in), last_column = least(s.out, last * 16);
    auto* panels = static_cast<Word*>(room);
    auto* rounded = panels + vectors(least(s.n, kExamples)) * 16 * steps;
    for (int64_t example = 0; example < s.n; example += kExamples) {
      const int64_t end = least(s.n, example + kExamples);
      const Panels cut{0, vectors(end - example)};
      pack_examples(s, static_cast<const Number*>(x), example, end, panels);
      for (int64_t column = first * 16; column < last_column; column += kGroup) {
        const int64_t columns = least(kGroup, last_column - column);
        const Left left = weights_as_words(weight + column * s.in, columns, s.in, rounded);
        for (int64_t p = 0; p < cut.count(); ++p) {
          float sums[kGroup * kPanel];
          const int64_t width = cut.width(p), row = example + cut.begin(p) * 16;
          multiply(left, columns, panels + cut.begin(p) * 16 * steps, width, steps, sums, width * 16, width * 16);
          finish(sums, width, {columns, least(end - row, width * 16)}, bias ? bias + column : nullptr, slope,
                 static_cast<Number*>(y) + row * s.out + column, s.out);
        }
      }
    }
  }

  /// Rows of weights, rounded where numbers are.
  static Left weights_as_words(const float* weight, int64_t rows, int64_t in, Word* rounded) {
    if constexpr (Element::kPacked == 1) {
      return {weight, in, 1};
    } else {
      // Rows are whole vectors apart, as the last one's rest is written, too.
      const int64_t row = vectors(words(in)) * 16;
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t i = 0; i < in; i += 32)
          _mm512_storeu_si512(rounded + r * row + i / 2, Element::beside(weight + r * in + i, in - i));
      return {rounded, row, 1};
    }
  }

  struct Extent {
    int64_t columns, rows;
  };

  /// y's rows from sums [columns, 16 width], with bias and leaky.
  static void finish(const float* sums, int64_t width, const Extent& extent, const float* bias, float slope, Number* y,
                     int64_t y_row) {
    for (int64_t c = 0; c < extent.columns; c += 16)
      for (int64_t v = 0; v < width; ++v) {
        __m512i square[16];
        for (int64_t i = 0; i < 16; ++i) {
          const bool there = c + i < extent.columns;
          Floats sum = there ? load(sums + ((c + i) * width + v) * 16) : Floats{};
          if (there && bias) sum += bias[c + i];
          square[i] = _mm512_castps_si512(sum > 0 ? sum : sum * slope);
        }
        transpose(square);
        for (int64_t i = 0; i < least(16, extent.rows - v * 16); ++i)
          Element::store(y + (v * 16 + i) * y_row + c, _mm512_castsi512_ps(square[i]), extent.columns - c);
      }
  }

  /// `width` vectors of columns from `column` on of a matrix [rows, row]: word by word down the rows.
  template <class Source>
  static void pack_columns(const Source* matrix, int64_t rows, int64_t row, int64_t column, int64_t width,
                           Word* panel) {
    for (int64_t r = 0; r < rows; r += Element::kPacked)
      for (int64_t v = 0; v < width; ++v, panel += 16) {
        const int64_t at = column + v * 16;
        const Source* source = matrix + r * row + at;
        _mm512_storeu_si512(panel, Element::together(source, r + 1 < rows ? source + row : nullptr, row - at));
      }
  }

  static void input(const DenseShape& s, const void* y, const float* weight, void* x, int64_t first, int64_t last,
                    void* room) {
    const int64_t steps = words(s.out);
    auto* panel = static_cast<Word*>(room);
    Left left{static_cast<const Word*>(y), steps, 1};
    if (s.out % Element::kPacked != 0) {
      // Rows of whole words, which y's are not.
      auto* padded = reinterpret_cast<Number*>(panel + kPanel * steps);
      for (int64_t i = 0; i < s.n; ++i) {
        for (int64_t c = 0; c < s.out; ++c)
          padded[i * steps * Element::kPacked + c] = static_cast<const Number*>(y)[i * s.out + c];
        padded[i * steps * Element::kPacked + s.out] = 0;
      }
      left.words = reinterpret_cast<const Word*>(padded);
    }
    const Panels cut{first, last};
    for (int64_t p = 0; p < cut.count(); ++p) {
      const int64_t column = cut.begin(p) * 16, width = cut.width(p);
      pack_columns(weight, s.out, s.in, column, width, panel);
      multiply(left, s.n, panel, width, steps, static_cast<Number*>(x) + column, s.in,
               least(s.in - column, width * 16));
    }
  }

  static void weight(const DenseShape& s, const void* x, const void* y, float* gradient, int64_t first, int64_t last,
                     void* room) {
    const int64_t steps = words(s.n), last_row = least(s.out, last * kRows);
    auto* panels = static_cast<Word*>(room);
    auto* group = panels + vectors(s.in) * 16 * steps;
    const Panels cut{0, vectors(s.in)};
    for (int64_t p = 0; p < cut.count(); ++p)
      pack_columns(static_cast<const Number*>(x), s.n, s.in, cut.begin(p) * 16, cut.width(p),
                   panels + cut.begin(p) * 16 * steps);
    for (int64_t row = first * kRows; row < last_row; row += kGroup) {
      pack_columns(static_cast<const Number*>(y), s.n, s.out, row, kGroup / 16, group);
      for (int64_t p = 0; p < cut.count(); ++p) {
        const int64_t column = cut.begin(p) * 16, width = cut.width(p);
        multiply(Left{group, 1, kGroup}, least(kGroup, last_row - row), panels + column * steps, width, steps,
                 gradient + row * s.in + column, s.in, least(s.in - column, width * 16));
      }
    }
  }

  static int64_t units(const DenseShape& s, Product product) {
    switch (product) {
      case Product::output:
        return vectors(s.out);
      case Product::input:
        return vectors(s.in);
      case Product::weight:
        return (s.out + kRows - 1) / kRows;
    }
    return 0;
  }

  static int64_t room_bytes(const DenseShape& s, Product product) {
    const auto size = [&] {
      switch (product) {
        case Product::output:
          return vectors(least(s.n, kExamples)) * 16 * words(s.in) + kGroup * vectors(words(s.in)) * 16;
        case Product::input:
          return kPanel * words(s.out) + s.n * words(s.out);
        case Product::weight:
          return (vectors(s.in) * 16 + kGroup) * words(s.n);
      }
      return int64_t{0};
    };
    return size() * static_cast<int64_t>(sizeof(Word));
  }

  static constexpr DenseKernels kernels = {units, room_bytes, output, input, weight};
};

}  // namespace
}  // namespace duet
