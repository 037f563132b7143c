// A model, or an ensemble, that answers requests: what attn translate, attn serve and the C library
// share.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/parallel.h"
#include "search/translate.h"
#include "service/html.h"
#include "service/request.h"
#include "text/segmenter.h"
#include "train/trained_model.h"

namespace attn {

// Whether a few lines are divided among all threads, for speed, or translated in the batches of
// SearchConfig::batch_size, so that translations do not depend on the number of threads.
enum class Spread { no, yes };

// Only one thread at a time may call translate().
class TranslationService {
 public:
  // `models` must not be empty. `search` are the options of requests that do not set them. Throws
  // Error if the models do not fit together.
  TranslationService(std::vector<TrainedModel> models, const SearchConfig& search, int threads);

  // Returns the name of the model, or "A + B" for an ensemble.
  const std::string& name() const { return name_; }
  // Returns the models; the first one has the tokenizers.
  std::span<const TrainedModel> models() const { return models_; }
  const SearchConfig& search() const { return search_; }
  // Returns whether a model has attention, so that translations have alignments.
  bool has_attention() const { return has_attention_; }

  // Makes aligned_pair return nothing for lines whose attention matrix has more than `cells`
  // weights, so that one request cannot take all memory.
  void limit_attention(std::size_t cells) { max_cells_ = cells; }

  // Returns the number of subwords of the longest sentence that all models were trained on; longer
  // ones are cut. Returns 0 for document models, and data.max_length for models without a card.
  int max_length() const { return segmenter_ ? segmenter_->max_length() : 0; }

  // Returns whether a line has words or letters that the vocabulary of the models lacks.
  bool has_unknown(const TranslatedLine& found) const;

  // Reads a request as parse_request does. Throws Error also for options that the models lack.
  Request request(const Json& object, const std::string& where) const;

  // Translates the texts of the requests; those with equal options are translated together. Lines
  // are divided into segments if search.split is "auto". Workers call done(n) when n more are
  // translated. The search for request i ends when is_wanted(i), which workers call, returns false.
  std::vector<TranslatedLine> translate(std::span<const Request> requests, Spread spread,
                                        const std::function<void(std::size_t)>& done = {},
                                        const IsWanted& is_wanted = {});

  // Returns requests for lines of HTML, with the options of search().
  std::vector<Request> html_requests(const std::vector<std::string>& lines) const;
  // Returns the best translation of a line of HTML, with the links between words.
  HtmlTranslation html_translation(const std::string& line, const TranslatedLine& found) const;

  // Returns a translation with its attention weights, or nothing if the line is empty, the matrix
  // is beyond the limit or the models have no attention.
  std::optional<AlignedPair> aligned_pair(const std::string& text, const TranslatedLine& found,
                                          const Translation& translation) const;
  // Adds the self-attention weights of the encoder to the pair, if there is one model and it has
  // them.
  void add_source_attention(const TranslatedLine& found, AlignedPair& pair) const;

  // Returns {"translation", "log_prob", "score", "tokens", "links"} of one translation. An empty
  // line is not translated, so it has no log-probability, no score and no links. "links" is null
  // beyond the limit of limit_attention.
  Json to_json(const TranslatedLine& found, const Translation& translation,
               const std::optional<AlignedPair>& pair) const;
  // Returns the fields of the best translation and, for a request with n_best above 1, all
  // translations as "n_best". "cuts" is the number of places within sentences where the line was
  // divided, if there are any. If the request wants them, "attention" has the weights as
  // page_source and page_target (report/html_page.h) encode them, or is null if there are none.
  Json answer(const Request& request, const TranslatedLine& found) const;

 private:
  std::vector<TrainedModel> models_;
  SearchConfig search_;
  std::string name_;
  bool has_attention_;
  std::size_t max_cells_ = std::numeric_limits<std::size_t>::max();
  Pool pool_;
  Translator translator_;
  std::optional<Segmenter> segmenter_;  // none for document models, whose lines are not divided
  Weights weights_;                     // the first model in float32, for its self-attention
};

}  // namespace attn
