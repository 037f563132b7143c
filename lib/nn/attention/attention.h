// Attention computes energies, attention weights, and the context, which is the weighted sum of the
// source states (Bahdanau et al. 2015, eq. 5 and 6):
//   e_ij = score(q_i, h_j)   α_i = normalizer(e_i)   c_i = Σ_j α_ij h_j
// Several heads attend in parallel, each with its own projections of q and h. Their contexts are
// concatenated and projected (Vaswani et al. 2017, 3.2.2):
//   c_i = W_o [c_i¹; …; c_iᴴ],   c_iʰ = Σ_j α_ijʰ V_h h_j,   e_ijʰ = score_h(Q_h q_i, K_h h_j)
// The states of a source are one contiguous block of columns, without padding or masks.
//
// In two-level attention, the attention weights are made of those of the words within their segment
// and those of the segments (nn/attention/two_level.h). A source is one input of a batch: a
// sentence or a document. The segments of a document are its sentences.
#pragma once

#include <span>

#include "math/packing.h"
#include "math/workspace.h"
#include "nn/attention/normalizer.h"
#include "nn/attention/score.h"
#include "nn/attention/window.h"
#include "nn/dropout.h"

namespace attn {

// Numbers of rows per column of an EncoderLevel: per source word or per segment.
struct LevelRows {
  Index keys = 0;  // rows of the keys of all heads
  // Rows of the projections of h_j that the scores read; 0: they read h_j itself.
  Index projected = 0;
};

// Numbers of rows of the activations of attention.
struct AttentionRows {
  LevelRows words, segments;
  Index contents = 0;  // rows of the projections of h_j that are summed; 0: h_j itself is summed
  Index saved = 0;     // per column, saved for the backward pass
  Index context = 0;
};

// Numbers of rows of the output of an encoder; see EncoderOutput.
struct EncoderOutputRows {
  Index values;        // rows of h_j
  Index first;         // rows of the input of the decoder's start state
  Index last;          // rows of the fixed context; 0: the encoder has none
  Index segments = 0;  // rows of h'_s; 0: attention has one level
};

// The input of the scores for all sources: their words or their segments. Source b owns the columns
// [begins[b], begins[b + 1]).
struct EncoderLevel {
  std::span<const Index> begins;
  MatrixView values;     // [D × columns] h_j
  MatrixView keys;       // [keys × columns]
  MatrixView projected;  // [projected × columns]

  Index sources() const { return static_cast<Index>(begins.size()) - 1; }
  Index begin(Index b) const { return begins[static_cast<std::size_t>(b)]; }
  Index length(Index b) const { return begin(b + 1) - begin(b); }
};

// The output of the encoder for a batch of sources, or its gradient. The base class is the level of
// the words.
struct EncoderOutput : EncoderLevel {
  MatrixView contents;                    // [contents × tokens]
  MatrixView first;                       // [first × sources] ←h_1, or the mean of the h_j
  MatrixView last;                        // [last × sources] →h_Tx, the fixed context
  EncoderLevel segments;                  // h'_s of the segments of documents
  std::span<const Index> segment_begins;  // first word of each segment, and the end

  // Returns the words of segment s of source b, counted from the first word of the source.
  Span segment(Index b, Index s) const {
    const auto at = static_cast<std::size_t>(segments.begin(b) + s);
    return {segment_begins[at] - begin(b), segment_begins[at + 1] - begin(b)};
  }
};

// The columns of one decoder step, or of all steps of a batch: which source each column reads, and
// where its attention weights are stored. The block of column j starts at begins[j] and contains
// one weight per word of the source for each stored step. The block of the next head starts
// `head_stride` numbers later.
struct AttentionColumns {
  std::span<const int> sources;  // sources of the columns
  Real* weights = nullptr;
  std::span<const Index> begins;
  Index head_stride = 0;
  Index t = 0;      // position of the target word
  Index index = 0;  // number of this step among the stored steps of a block
  DropoutContext noise = {};
  std::span<const std::uint64_t> example_ids = {};  // keys of the columns' random numbers
  // For the backward pass: the gradient of the losses on attention weights, stored like `weights`;
  // null if there are none.
  const Real* dweights = nullptr;
  // For a stochastic normalizer: SamplingContext::advantage of each column.
  std::span<const Real> advantages = {};
  // For all steps at once: the position of the target word of each column, which replaces t and
  // index. Those of one source are adjacent columns with the positions 0, 1, …, and `begins` has
  // the block of each source. Requires attention without coverage. Empty for one step.
  std::span<const int> positions = {};

  bool has_all_steps() const { return !positions.empty(); }
  Index source_of(Index j) const { return IndexSpan(sources)[j]; }
  Index position_of(Index j) const { return has_all_steps() ? IndexSpan(positions)[j] : t; }
  // Returns the offset in `weights` of the weights of column j for the first head.
  Index offset(const EncoderOutput& memory, Index j) const {
    const Index b = source_of(j), words = memory.length(b);
    return has_all_steps() ? IndexSpan(begins)[b] + IndexSpan(positions)[j] * words
                           : IndexSpan(begins)[j] + index * words;
  }
};

// The operands of one step, or of all steps at once: one column per query.
struct AttentionStep {
  const AttentionColumns& columns;
  In state;                  // [n × columns] decoder state, the query
  In attention_state;        // [attention state × columns]
  Out saved;                 // [saved × columns] for the backward pass
  Out context;               // [context × columns]
  Out next_attention_state;  // [attention state × columns]
};

// The gradients of one step. Those of the inputs are accumulated into.
struct AttentionStepGrad {
  In dcontext, dnext_attention_state;
  Out dstate, dattention_state;
  EncoderOutput& dmemory;
};

class Attention {
 public:
  Attention() = default;
  virtual ~Attention() = default;
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;

  // Returns the numbers of rows of the activations.
  const AttentionRows& rows() const { return rows_; }
  // Returns the number of rows of the context.
  Index context_rows() const { return rows_.context; }
  // Returns the number of heads; 0 for a fixed context, which has no attention weights.
  int heads() const { return heads_; }
  // Returns whether step() can compute all steps at once, which coverage rules out.
  bool has_all_steps() const { return !has_coverage_; }
  // Returns whether the attention weights are sampled in training.
  bool is_stochastic() const { return is_stochastic_; }
  // Returns the number of rows of the attention state, which goes from step to step like the
  // decoder state: the coverage of sources of up to `longest` words.
  Index attention_state_rows(Index longest) const { return has_coverage_ ? longest * heads_ : 0; }

  // Computes the keys, projections and contents of `memory` from its values.
  virtual void prepare(const Weights& w, EncoderOutput& memory) const = 0;
  // Computes one step from the decoder state and the attention state: assigns the attention
  // weights, the context, the next attention state, and `saved` for the backward pass. A column
  // does not depend on other columns, up to rounding.
  virtual void step(const Weights& w, const EncoderOutput& memory, const AttentionStep& step,
                    Workspace& ws) const = 0;

  // Computes the backward pass of one step. Adds to the gradients of the inputs and, in g, to those
  // of the scores' vectors. Overwrites step.saved with the input of accumulate().
  virtual void step_backward(const Weights& w, const EncoderOutput& memory,
                             const AttentionStep& step, const AttentionStepGrad& d,
                             WeightGradients g, Workspace& ws) const = 0;
  // Adds the remaining gradients to g and dmemory, once after all steps of a packed batch. `steps`
  // has the blocks of all sources; its matrices and dcontexts have the columns of all steps, in the
  // order of the calls of step(): in step order, or, if steps.columns has all steps, in that of its
  // columns.
  virtual void accumulate(const Weights& w, const EncoderOutput& memory, const Packing& p,
                          const AttentionStep& steps, In dcontexts, EncoderOutput& dmemory,
                          WeightGradients g, Workspace& ws) const = 0;

 protected:
  AttentionRows rows_;
  int heads_ = 0;
  bool is_stochastic_ = false, has_coverage_ = false;
};

struct AttentionOptions {
  std::string score = "additive", normalizer = "softmax", window = "global";
  AttentionScoreSizes sizes;     // sizes of unprojected queries and values
  Index projection_size = 0;     // rows of all heads together; 0: no projections, one head
  Index fixed_context_size = 0;  // EncoderOutputRows::last
  Index segment_size = 0;        // EncoderOutputRows::segments
  int heads = 1;
  double dropout = 0;  // dropout of the attention weights
  NormalizerOptions normalizer_options;
  int window_width = 0;
  // Hidden size of the network that predicts the center of a local_p window.
  Index window_hidden_size = 0;
};
// Returns the attention that the options describe; for the score "none", a fixed context.
std::unique_ptr<Attention> make_attention(Scope at, const AttentionOptions& options);

}  // namespace attn
