#pragma once

#include <cstdint>

namespace duet {

/// Rows of `channels` numbers, one after another: float, or bfloat16 as uint16_t. Loops over rows run on one thread;
/// callers split rows among threads.

/// Adds up, over rows, v = x - origin and v * v for each channel. Origin is any value near the mean: without it the sum
/// of squares would lose the variance of channels far from zero. `sum` and `square` are added to.
void add_moments(const float* x, int64_t rows, int64_t channels, const float* origin, double* sum, double* square);
void add_moments(const uint16_t* x, int64_t rows, int64_t channels, const float* origin, double* sum, double* square);

/// y = leaky(x * gain + offset).
struct Affine {
  const float *gain, *offset;  ///< [channels]
  float slope;                 ///< of leaky below zero; 1: none
};
void normalise(const float* x, float* y, int64_t rows, int64_t channels, const Affine& affine);
void normalise(const uint16_t* x, uint16_t* y, int64_t rows, int64_t channels, const Affine& affine);

/// With g the gradient of x * gain + offset, made of y's and the sign of x * gain + offset: adds up g and
/// g * (x - mean) over rows.
void add_gradient_moments(const float* x, const float* gradient, int64_t rows, int64_t channels, const Affine& affine,
                          const float* mean, double* sum, double* product);
void add_gradient_moments(const uint16_t* x, const uint16_t* gradient, int64_t rows, int64_t channels,
                          const Affine& affine, const float* mean, double* sum, double* product);

/// out = gain * g - a - b * (x - mean): what the two moments leave of the gradient.
struct Correction {
  const float *mean, *a, *b;  ///< [channels]
};
void correct_gradient(const float* x, const float* gradient, float* out, int64_t rows, int64_t channels,
                      const Affine& affine, const Correction& correction);
void correct_gradient(const uint16_t* x, const uint16_t* gradient, uint16_t* out, int64_t rows, int64_t channels,
                      const Affine& affine, const Correction& correction);

/// Numbers one after another, in the other type: rounded to the nearest bfloat16, or widened.
void convert(const float* x, uint16_t* out, int64_t numbers);
void convert(const uint16_t* x, float* out, int64_t numbers);

/// out = gradient where y is above 0, slope * gradient elsewhere; adds the rows of out up to `sum`, where there is one.
/// Without out, it is the gradient's own rows that are added up.
void send_back_leaky(const float* gradient, const float* y, float* out, int64_t rows, int64_t channels, float slope,
                     double* sum);
void send_back_leaky(const uint16_t* gradient, const uint16_t* y, uint16_t* out, int64_t rows, int64_t channels,
                     float slope, double* sum);

}  // namespace duet
