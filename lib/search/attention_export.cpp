#include "search/attention_export.h"

#include "search/segments.h"

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

// Returns the self-attention weights of each layer and head.
std::vector<std::vector<Mat>> encoder_attention(const Model& model, const Weights& weights,
                                                const TranslatedLine& found) {
  std::vector<std::size_t> sizes = found.segment_sizes;
  if (sizes.empty()) sizes = {found.source.size()};
  Seq2Seq::Scratch scratch(model.network);
  std::vector<std::vector<std::vector<Mat>>> layers;  // one list for each segment
  std::size_t begin = 0;
  for (const std::size_t size : sizes) {
    auto ids = model.source.ids(std::span(found.source).subspan(begin, size));
    begin += size;
    const auto own = model.network.source_attention(weights, ids, scratch);
    layers.resize(own.size());
    for (std::size_t i = 0; i < own.size(); ++i)
      layers[i].push_back(begin < found.source.size() ? without_end(own[i], size) : own[i]);
  }
  std::vector<std::vector<Mat>> out;
  for (const auto& segments : layers) out.push_back(joined_attention(segments));
  return out;
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

AlignedPair aligned_pair(const Tokenizer& tokenizer, const std::string& source,
                         const TranslatedLine& found, const Translation& t) {
  return aligned_pair(
      tokenizer, source, found.source, t.text, t.target,
      t.segment_attention.empty() ? t.attention : joined_attention(t.segment_attention));
}

void add_encoder_attention(const Model& model, const Weights& weights,
                           const std::vector<Tokenizer::Piece>& source_pieces, AlignedPair& pair) {
  add_encoder_attention(model, weights, TranslatedLine{source_pieces, {}}, pair);
}

void add_encoder_attention(const Model& model, const Weights& weights, const TranslatedLine& found,
                           AlignedPair& pair) {
  for (const auto& heads : encoder_attention(model, weights, found)) {
    Alignment& layer = pair.encoder.emplace_back();
    layer.source = layer.target = pair.pieces.source;
    set_attention_heads(heads, layer);
  }
}

}  // namespace attn
