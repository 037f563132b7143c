#include "math/workspace.h"

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {
namespace {

constexpr std::uintptr_t kCacheLine = 64;

bool is_aligned(MatrixView m) {
  return reinterpret_cast<std::uintptr_t>(m.data()) % kCacheLine == 0;
}

const std::vector<std::pair<Index, Index>> kWorkspaceShapes = {
    {1, 1}, {3, 5}, {0, 4}, {4, 0}, {17, 1}, {1, 33}, {64, 64}, {1000, 77}, {2, 2}, {300, 500}};

}  // namespace

TEST_CASE("matrices of a workspace start on a cache line") {
  Workspace ws;
  for (int round = 0; round < 2; ++round) {
    const auto scope = ws.scope();
    for (const auto& [rows, cols] : kWorkspaceShapes) {
      const MatrixView m = ws.take(rows, cols);
      CHECK(m.rows() == rows);
      CHECK(m.cols() == cols);
      CHECK(is_aligned(m));
      CHECK(is_aligned(ws.zeros(rows, cols)));
    }
  }
}

TEST_CASE("matrices of a workspace do not overlap, also when it grows") {
  Workspace ws;
  std::vector<MatrixView> all;
  for (int round = 0; round < 3; ++round)
    for (const auto& [rows, cols] : kWorkspaceShapes) {
      all.push_back(ws.take(rows, cols));
      all.back().map().setConstant(static_cast<Real>(all.size()));
    }
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK((all[i].map().array() == static_cast<Real>(i + 1)).all());
}

TEST_CASE("a scope of a workspace releases the matrices taken since its construction") {
  Workspace ws;
  const MatrixView before = ws.take(5, 7);
  const Real* first = nullptr;
  {
    const auto outer = ws.scope();
    first = ws.take(3, 3).data();
    const Real* second = nullptr;
    {
      const auto inner = ws.scope();
      second = ws.take(20, 20).data();
      CHECK(second != first);
    }
    CHECK(ws.take(2, 2).data() == second);
  }
  CHECK(ws.take(9, 9).data() == first);
  CHECK(before.data() != first);
}

TEST_CASE("a workspace reuses its memory after a scope, also across several blocks") {
  Workspace ws;
  Index capacity = 0;
  std::vector<const Real*> addresses;
  for (int round = 0; round < 4; ++round) {
    const auto scope = ws.scope();
    std::vector<const Real*> now;
    for (const auto& [rows, cols] : kWorkspaceShapes) now.push_back(ws.take(rows, cols).data());
    if (round == 0) {
      capacity = ws.capacity(), addresses = now;
    } else {
      CHECK(ws.capacity() == capacity);
      CHECK(now == addresses);
    }
  }
  CHECK(capacity >= 1000 * 77 + 300 * 500);
}

TEST_CASE("zeros clears memory that was in use before") {
  Workspace ws;
  const Real* dirty = nullptr;
  {
    const auto scope = ws.scope();
    MatrixView m = ws.take(30, 40);
    m.map().setConstant(7);
    dirty = m.data();
  }
  const MatrixView zeros = ws.zeros(30, 40);
  CHECK(zeros.data() == dirty);
  CHECK((zeros.map().array() == 0).all());
}

TEST_CASE("reset merges the blocks of a workspace and keeps their total size") {
  Workspace ws;
  for (const auto& [rows, cols] : kWorkspaceShapes) ws.take(rows, cols);
  const Index capacity = ws.capacity();
  ws.reset();
  CHECK(ws.capacity() == capacity);
  std::set<const Real*> addresses;
  const MatrixView begin = ws.take(1, 1);
  for (const auto& [rows, cols] : kWorkspaceShapes) {
    const MatrixView m = ws.take(rows, cols);
    if (m.size() > 0) CHECK(m.data() > begin.data());
    CHECK(m.data() + m.size() <= begin.data() + capacity + kRealsPerLine);
  }
}

}  // namespace attn::test
