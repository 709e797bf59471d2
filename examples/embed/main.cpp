// Loads a trained run and makes pictures, as a program that contains a generator would.
#include <duet/core/error.h>
#include <duet/train/sampler.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: embed RUN\n");
    return 2;
  }
  try {
    const auto sampler = duet::Sampler::open(argv[1]);
    const auto pictures = sampler.sample({.count = 16, .seed = 1});
    const auto& shape = sampler.facts().shape;
    std::printf("%lld pictures of %s from recipe %s, mean pixel %.3f\n", static_cast<long long>(pictures.size(0)),
                duet::to_string(shape).c_str(), sampler.recipe().name.c_str(),
                pictures.to(torch::kFloat64).mean().item<double>());
  } catch (const duet::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.fault());
  }
}
