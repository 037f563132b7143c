#include "search/attention_export.h"

namespace attn {
namespace {

PieceMap piece_map(const std::string& line, const std::vector<Tokenizer::Piece>& pieces) {
  return {split_words(line), words_of_pieces(line, pieces)};
}

// Returns the end of each segment of a document: the index after its end of sentence.
std::vector<int> segment_ends(const Tokenizer& tokenizer,
                              const std::vector<Tokenizer::Piece>& pieces) {
  std::vector<int> ends;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (pieces[i].id == tokenizer.eos()) ends.push_back(static_cast<int>(i) + 1);
  ends.push_back(static_cast<int>(pieces.size()) + 1);
  return ends;
}

AttentionWeights to_weights(const Mat& attention) {
  AttentionWeights weights;
  for (Index j = 0; j < attention.cols(); ++j)
    weights.emplace_back(attention.col(j).data(), attention.col(j).data() + attention.rows());
  return weights;
}

// Sets the mean of the heads and, if there are several, each head.
void set_attention_heads(const std::vector<Mat>& heads, Alignment& pieces) {
  Mat mean = heads[0];
  for (std::size_t head = 1; head < heads.size(); ++head) mean += heads[head];
  mean /= static_cast<Real>(heads.size());
  pieces.weights = to_weights(mean);
  if (heads.size() > 1)
    for (const Mat& head : heads) pieces.heads.push_back(to_weights(head));
}

}  // namespace

AlignedPair aligned_pair(const Tokenizer& tokenizer, const std::string& source,
                         const std::vector<Tokenizer::Piece>& source_pieces,
                         const std::string& target,
                         const std::vector<Tokenizer::Piece>& target_pieces,
                         const std::vector<Mat>& attention) {
  AlignedPair pair;
  pair.source = piece_map(source, source_pieces);
  pair.target = piece_map(target, target_pieces);
  Alignment& pieces = pair.pieces;
  for (const auto& p : source_pieces)
    pieces.source.push_back(source.substr(p.begin, p.end - p.begin));
  for (const auto& p : target_pieces)
    pieces.target.push_back(target.substr(p.begin, p.end - p.begin));
  pieces.source.push_back(kEndOfSentence);
  if (!tokenizer.separator().empty()) pieces.segment_ends = segment_ends(tokenizer, source_pieces);
  pieces.target_end = false;
  if (attention.empty()) return pair;
  set_attention_heads(attention, pieces);
  // A truncated hypothesis has no end of sentence.
  pieces.target_end = pieces.weights.size() > pieces.target.size();
  if (pieces.target_end) pieces.target.push_back(kEndOfSentence);
  return pair;
}

void add_encoder_attention(const Model& model, const Weights& weights,
                           const std::vector<Tokenizer::Piece>& source_pieces, AlignedPair& pair) {
  auto ids = model.source.ids(source_pieces);
  Seq2Seq::Scratch scratch(model.network);
  for (const auto& heads : model.network.source_attention(weights, ids, scratch)) {
    Alignment& layer = pair.encoder.emplace_back();
    layer.source = layer.target = pair.pieces.source;
    set_attention_heads(heads, layer);
  }
}

}  // namespace attn
