#include "nn/init.h"

#include <algorithm>
#include <cmath>

#include <Eigen/QR>

namespace attn {
namespace {

using Matrix = Eigen::MatrixXd;

void normal(double deviation, RandomKey key, std::span<Real> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<Real>(deviation * key.at(i).normal());
}

void uniform(double limit, RandomKey key, std::span<Real> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<Real>(limit * (2 * key.at(i).uniform() - 1));
}

// Assigns a random orthogonal matrix to the square block of each gate: Q of the QR decomposition of
// a Gaussian matrix. Columns of Q are negated where the diagonal of R is negative (Mezzadri 2007).
void orthogonal(const Entry& entry, RandomKey key, std::span<Real> values) {
  const Index n = entry.slot.cols;
  for (Index block = 0; block < entry.blocks; ++block) {
    const RandomKey at = key.at(static_cast<std::uint64_t>(block));
    Matrix gaussian(n, n);
    for (Index i = 0; i < gaussian.size(); ++i)
      gaussian.data()[i] = at.at(static_cast<std::uint64_t>(i)).normal();
    const Eigen::HouseholderQR<Matrix> qr(gaussian);
    Matrix q = qr.householderQ();
    for (Index j = 0; j < n; ++j)
      if (qr.matrixQR()(j, j) < 0) q.col(j) = -q.col(j);
    std::transform(q.data(), q.data() + q.size(), values.begin() + block * n * n,
                   [](double x) { return static_cast<Real>(x); });
  }
}

// Glorot and Bengio 2010, with the fan-out of one gate. Recurrent matrices are orthogonal (Saxe et
// al. 2014). Embeddings of size m have standard deviation 1/√m, so that vectors have length 1 on
// average.
void xavier(const Entry& entry, RandomKey key, std::span<Real> values) {
  const double rows = static_cast<double>(entry.slot.rows / entry.blocks),
               cols = static_cast<double>(entry.slot.cols);
  switch (entry.role) {
    case Role::bias:
    case Role::scale:
      return;
    case Role::recurrent:
      return orthogonal(entry, key, values);
    case Role::embedding:
      return normal(1 / std::sqrt(cols), key, values);
    case Role::input:
    case Role::attention:
    case Role::attention_vector:
    case Role::output:
      return uniform(std::sqrt(6 / (rows + cols)), key, values);
  }
}

// Bahdanau et al. 2015, B.1.
void bahdanau2015(const Entry& entry, RandomKey key, std::span<Real> values) {
  switch (entry.role) {
    case Role::bias:
    case Role::attention_vector:
    case Role::scale:
      return;
    case Role::recurrent:
      return orthogonal(entry, key, values);
    case Role::attention:
      return normal(0.001, key, values);
    case Role::embedding:
    case Role::input:
    case Role::output:
      return normal(0.01, key, values);
  }
}

}  // namespace

const Registry<Scheme>& init_schemes() {
  static const Registry<Scheme> table = {
      {"xavier",
       "uniform as in Glorot and Bengio 2010; recurrent matrices orthogonal; embeddings "
       "N(0, 1/size)",
       xavier},
      {"bahdanau2015",
       "Bahdanau et al. 2015, B.1: recurrent matrices orthogonal, attention matrices N(0, 0.001²), "
       "attention vector v and biases 0, all else N(0, 0.01²)",
       bahdanau2015},
  };
  return table;
}

void initialize(const Layout& layout, Scheme scheme, std::uint64_t seed, Params& w) {
  w.set_zero();
  for (const auto& entry : layout.entries()) {
    const IndexSpan<Real> values(w.data(entry.slot), entry.slot.size());
    if (entry.role == Role::scale)
      std::fill(values.begin(), values.end(), Real(1));
    else
      scheme(entry, RandomKey(seed).at("init").at(entry.name), values);
  }
}

}  // namespace attn
