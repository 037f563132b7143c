// The optimizers compute the same as those of PyTorch, so hyperparameters can be copied:
//
//   adam      m ← β1 m + (1 − β1) g;  v ← β2 v + (1 − β2) g²;  w ← w − η m̂ / (√v̂ + ε)
//             (Kingma and Ba 2015)
//   adamw     w ← w − η λ w first, then as adam (Loshchilov and Hutter 2019)
//   adadelta  a ← ρ a + (1 − ρ) g²;  d = √(b + ε) / √(a + ε) g;  b ← ρ b + (1 − ρ) d²;
//             w ← w − η d (Zeiler 2012)
//   adagrad   a ← a + g²;  w ← w − η g / (√a + ε) (Duchi et al. 2011)
//   sgd       v ← μ v + g;  w ← w − η v (momentum μ; Polyak 1964)
//
// with m̂ = m / (1 − β1^u) and v̂ = v / (1 − β2^u) at update u, and the learning rate η.
#include "train/optimizer.h"

#include <cmath>

#include "train/config.h"

namespace attn {
namespace {

void adam_run(const TrainConfig& c, const Step& step, double decay, std::span<Real> w,
              const Real* __restrict g, Real* __restrict m, Real* __restrict v) {
  const auto u = static_cast<double>(step.update);
  const double correction1 = 1 - std::pow(c.beta1, u), correction2 = 1 - std::pow(c.beta2, u);
  const auto b1 = static_cast<Real>(c.beta1), b2 = static_cast<Real>(c.beta2);
  // 1 − β is computed in double: with β2 = 0.999 in float, its relative error would be 1.3e-5.
  const auto rest1 = static_cast<Real>(1 - c.beta1), rest2 = static_cast<Real>(1 - c.beta2);
  const auto eps = static_cast<Real>(c.epsilon), rate = static_cast<Real>(step.rate / correction1);
  const auto root = static_cast<Real>(1 / std::sqrt(correction2)),
             keep = static_cast<Real>(1 - step.rate * decay);
  Real* __restrict x = w.data();
  for (std::size_t i = 0; i < w.size(); ++i) {
    const Real d = g[i] * step.scale;
    m[i] = b1 * m[i] + rest1 * d;
    v[i] = b2 * v[i] + rest2 * d * d;
    x[i] = keep * x[i] - rate * m[i] / (std::sqrt(v[i]) * root + eps);
  }
}

void adam(const TrainConfig& c, const Step& step, std::span<Real> w, std::span<const Real> g,
          std::span<Real* const> state) {
  adam_run(c, step, 0, w, g.data(), state[0], state[1]);
}

void adamw(const TrainConfig& c, const Step& step, std::span<Real> w, std::span<const Real> g,
           std::span<Real* const> state) {
  adam_run(c, step, c.weight_decay, w, g.data(), state[0], state[1]);
}

void adadelta(const TrainConfig& c, const Step& step, std::span<Real> w, std::span<const Real> g,
              std::span<Real* const> state) {
  const auto rho = static_cast<Real>(c.rho), rest = static_cast<Real>(1 - c.rho),
             eps = static_cast<Real>(c.epsilon), rate = static_cast<Real>(step.rate);
  Real* __restrict x = w.data();
  Real* __restrict a = state[0], * __restrict b = state[1];
  const Real* __restrict dw = g.data();
  for (std::size_t i = 0; i < w.size(); ++i) {
    const Real d = dw[i] * step.scale;
    a[i] = rho * a[i] + rest * d * d;
    const Real delta = std::sqrt(b[i] + eps) / std::sqrt(a[i] + eps) * d;
    b[i] = rho * b[i] + rest * delta * delta;
    x[i] -= rate * delta;
  }
}

void adagrad(const TrainConfig& c, const Step& step, std::span<Real> w, std::span<const Real> g,
             std::span<Real* const> state) {
  const auto eps = static_cast<Real>(c.epsilon), rate = static_cast<Real>(step.rate);
  Real* __restrict x = w.data();
  Real* __restrict a = state[0];
  const Real* __restrict dw = g.data();
  for (std::size_t i = 0; i < w.size(); ++i) {
    const Real d = dw[i] * step.scale;
    a[i] += d * d;
    x[i] -= rate * d / (std::sqrt(a[i]) + eps);
  }
}

void sgd(const TrainConfig& c, const Step& step, std::span<Real> w, std::span<const Real> g,
         std::span<Real* const> state) {
  const auto momentum = static_cast<Real>(c.momentum), rate = static_cast<Real>(step.rate);
  Real* __restrict x = w.data();
  Real* __restrict v = state[0];
  const Real* __restrict dw = g.data();
  for (std::size_t i = 0; i < w.size(); ++i) {
    v[i] = momentum * v[i] + dw[i] * step.scale;
    x[i] -= rate * v[i];
  }
}

}  // namespace

const Registry<Optimizer>& optimizers() {
  static const Registry<Optimizer> table = {
      {"adam",
       "Kingma and Ba 2015",
       {.state = {"m", "v"},
        .options = {{"learning_rate", 1e-3}, {"beta1", 0.9}, {"beta2", 0.999}, {"epsilon", 1e-8}},
        .update = adam}},
      {"adamw",
       "Adam with decoupled weight decay (Loshchilov and Hutter 2019)",
       {.state = {"m", "v"},
        .options = {{"learning_rate", 1e-3},
                    {"beta1", 0.9},
                    {"beta2", 0.999},
                    {"epsilon", 1e-8},
                    {"weight_decay", 0.01}},
        .update = adamw}},
      {"adadelta",
       "Zeiler 2012",
       {.state = {"squares", "deltas"},
        .options = {{"learning_rate", 1}, {"rho", 0.95}, {"epsilon", 1e-6}},
        .update = adadelta}},
      {"adagrad",
       "Duchi et al. 2011",
       {.state = {"squares"},
        .options = {{"learning_rate", 0.01}, {"epsilon", 1e-10}},
        .update = adagrad}},
      {"sgd",
       "stochastic gradient descent, with optional momentum",
       {.state = {"velocity"},
        .options = {{"learning_rate", 0.1}, {"momentum", 0}},
        .update = sgd}},
  };
  return table;
}

}  // namespace attn
