// The language of the project: links of the documentation resolve, and former names, British
// spellings and unidiomatic phrases do not come back. In the lists below, a | inside a word keeps
// this file from matching itself; it is removed before the search.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/file.h"

namespace fs = std::filesystem;

namespace {

struct TextFile {
  std::string name;  // "lib/base/file.cpp"
  std::vector<std::string> lines;
};

// Returns whether a file, given relative to the source directory, is code, a script, a config or
// documentation. Downloaded and generated data is not.
bool is_text(const fs::path& path) {
  static const std::set<std::string> extensions = {".cpp", ".h",  ".in", ".cmake", ".md",
                                                   ".py",  ".sh", ".js", ".css",   ".html"};
  static const std::set<std::string> generated = {"data/documents", "data/multi30k",
                                                  "data/stretched", "data/runs", "configs/runs"};
  const std::string name = path.string(), extension = path.extension().string();
  for (const std::string& directory : generated)
    if (name.starts_with(directory + "/")) return false;
  return extensions.contains(extension) || path.filename() == "CMakeLists.txt" ||
         (extension == ".json" && !name.starts_with("tests/")) || name == ".ci/run";
}

const std::vector<TextFile>& text_files() {
  static const std::vector<TextFile> all = [] {
    const fs::path root = ATTN_SOURCE_DIR;
    std::set<fs::path> paths;
    const auto add = [&](const fs::directory_entry& entry) {
      const fs::path path = entry.path().lexically_relative(root);
      if (entry.is_regular_file() && is_text(path)) paths.insert(path);
    };
    for (const auto& entry : fs::directory_iterator(root)) add(entry);
    for (const char* directory : {".ci", "app", "configs", "data", "lib", "tests"})
      for (const auto& entry : fs::recursive_directory_iterator(root / directory)) add(entry);
    std::vector<TextFile> out;
    for (const fs::path& path : paths) {
      std::istringstream text(attn::read_file(root / path));
      TextFile& file = out.emplace_back(TextFile{path.string(), {}});
      for (std::string line; std::getline(text, line);) file.lines.push_back(line);
    }
    return out;
  }();
  return all;
}

template <class Condition>
std::vector<const TextFile*> files_where(Condition holds) {
  std::vector<const TextFile*> out;
  for (const TextFile& file : text_files())
    if (holds(file.name)) out.push_back(&file);
  return out;
}

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// ---- Forbidden words ----

// Case is ignored, except by `exact` and `name`.
enum class Match {
  whole,   // the characters before and after are not letters, digits or underscores
  inside,  // anywhere in a word
  verb,    // a stem that ends in "is", before e, ed, es, er, ing, ation or able
  exact,   // anywhere, with the same case
  name,    // as whole, with the same case
};

bool keeps_case(Match match) {
  return match == Match::exact || match == Match::name;
}

struct Forbidden {
  std::string word, instead;
  Match match = Match::whole;
};

struct Exception {
  std::string file, word, reason;
};

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool matches_at(std::string_view line, std::size_t at, std::string_view word, Match match) {
  const std::size_t end = at + word.size();
  if (match == Match::inside || match == Match::exact) return true;
  if (match == Match::verb)
    return end < line.size() && std::string_view("eia").find(line[end]) != std::string_view::npos;
  const bool joined_before = at > 0 && is_word_character(line[at - 1]);
  const bool joined_after = end < line.size() && is_word_character(line[end]);
  return !(is_word_character(word.front()) && joined_before) &&
         !(is_word_character(word.back()) && joined_after);
}

bool contains(std::string_view line, std::string_view word, Match match) {
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1))
    if (matches_at(line, at, word, match)) return true;
  return false;
}

std::string without_marks(std::string word) {
  std::erase(word, '|');
  return word;
}

// Removes the declarations of former names and values of options, which have to state them.
std::string without_former_names(std::string line) {
  for (const std::string begin : {"FormerName{\"", "FormerValue{\"", "FormerOption{\""})
    for (auto at = line.find(begin); at != std::string::npos; at = line.find(begin, at))
      line.erase(at, line.find('}', at) - at);
  return line;
}

// Fails for every line of the files that contains a forbidden word, and for every exception that is
// not needed any more.
void check_words(const std::vector<const TextFile*>& files, std::vector<Forbidden> words,
                 std::vector<Exception> exceptions) {
  for (Forbidden& forbidden : words) forbidden.word = without_marks(forbidden.word);
  for (Exception& exception : exceptions) exception.word = without_marks(exception.word);
  std::vector<bool> used(exceptions.size());
  const auto is_excepted = [&](const std::string& file, const std::string& word) {
    const auto found = std::ranges::find_if(
        exceptions, [&](const auto& e) { return e.file == file && e.word == word; });
    if (found != exceptions.end())
      used[static_cast<std::size_t>(found - exceptions.begin())] = true;
    return found != exceptions.end();
  };
  for (const TextFile* file : files)
    for (std::size_t i = 0; i < file->lines.size(); ++i) {
      const std::string line = without_former_names(file->lines[i]), lower = lowered(line);
      for (const Forbidden& forbidden : words)
        if (contains(keeps_case(forbidden.match) ? line : lower, forbidden.word, forbidden.match) &&
            !is_excepted(file->name, forbidden.word))
          FAIL_CHECK(file->name << ":" << i + 1 << ": \"" << forbidden.word << "\": write "
                                << forbidden.instead);
    }
  for (std::size_t i = 0; i < exceptions.size(); ++i)
    CHECK_MESSAGE(used[i], exceptions[i].file << ": the exception for \"" << exceptions[i].word
                                              << "\" is not needed; remove it");
}

const std::vector<Forbidden> kFormerNames = {
    // options and their values
    {"gru_|paper", "gru_reset_before"},
    {"layer_normali|sation", "layer_norm"},
    {"layer_normali|zation", "layer_norm"},
    {"\"type\": \"self_|attention\"", "\"transformer\""},
    {"type=self_|attention", "type=transformer"},
    {"recurrent_self_|attention", "recurrent_transformer"},
    {"model.encoder.posi|tions", "model.encoder.positional_encoding"},
    {"relative_|distance", "max_relative_position"},
    {"model.encoder.normali|sation", "model.encoder.norm"},
    {"model.encoder.normali|zation", "model.encoder.norm"},
    {"decoder.readout_|state", "model.decoder.readout_input"},
    {"model.attention.wei|ghts", "model.attention.normalizer"},
    {"model.attention.nor|med", "model.attention.weight_norm"},
    {"model.attention.posi|tions", "model.attention.max_positions"},
    {"model.attention.si|ze", "model.attention.hidden_size"},
    {"\"mono|tonic\"", "\"local_m\""},
    {"window=mono|tonic", "window=local_m"},
    {"\"predic|tive\"", "\"local_p\""},
    {"window=predic|tive", "window=local_p"},
    {"sort_|within", "bucket_size"},
    {"train.accu|mulate", "train.gradient_accumulation"},
    {"train.normal|ise", "train.loss_normalization"},
    {"train.normal|ize", "train.loss_normalization"},
    {"moving_|average", "ema_decay"},
    {"coverage_|weight", "coverage_loss_weight"},
    {"batch_|unit", "batch_type"},
    {"source_|model", "source_tokenizer"},
    {"target_|model", "target_tokenizer"},
    {"memory_|mib", "max_memory_mib"},
    {"length_normali|sation", "length_penalty_alpha"},
    {"length_normali|zation", "length_penalty_alpha"},
    {"batch_|sentences", "search.batch_size"},
    // the command line
    {"--com|bine", "--symmetrize"},
    {"--heatmap-|units", "--heatmap-tokens"},
    {"--a|new", "--retrain"},
    // files and directories
    {"weights.safe|tensors", "model.safetensors"},
    {"source.mo|del", "source.spm"},
    {"target.mo|del", "target.spm"},
    {"ki|nds.md", "ATTENTION.md"},
    {"ki|nds.py", "attention.py"},
    {"figure2|.py", "length.py"},
    {"found|.py", "segment_recall.py"},
    {"configs/ki|nds", "configs/attention"},
    {"tests/ki|nds", "tests/experiments/attention"},
    {"tests/ra|ce", "tests/experiments/pytorch"},
    {"tests/figure|2", "tests/experiments/length"},
    {"tests/docu|ments", "tests/experiments/documents"},
    {"tests/ho|use", "tests/architecture"},
    {"test_ho|use", "test_architecture"},
    {"lib/ev|al", "lib/metrics, lib/alignment or lib/report"},
    // fields of JSON and TSV files
    {"\"loo|ked\"", "\"attention_mass\""},
    {"\"un|seen\"", "\"unattended\""},
    {"made_|up", "synthetic"},
    {"share_of_|peak", "fraction_of_peak"},
    {"part_|pair", "segment_pair"},
    {"since_|gain", "validations_since_best"},
    {"since_|fall", "validations_since_decay"},
    {"batch_of_|window", "batch_in_chunk"},
    {"lines_a_|point", "lines_per_point"},
    {"largest ferti|lity", "max_fertility"},
    {"sentence_|weights", "segment_weights"},
    {"pieces_per_|translation", "subwords_per_translation"},
};

// Types, functions and constants. Names that are also common words are missing.
const std::vector<Forbidden> kFormerIdentifiers = {
    {"Decoder|Tape", "DecoderSaved"},
    {"Fin|der", "SearchStrategy"},
    {"Gru|Paper", "GruResetBefore"},
    {"La|id", "StridedMatrix"},
    {"Live|Line", "StatusLine"},
    {"Make|Score", "MakeAttentionScore"},
    {"MakeWeigh|ting", "MakeNormalizer"},
    {"Make|Window", "MakeAttentionWindow"},
    {"Memory|Level", "EncoderLevel"},
    {"Memory|Rows", "EncoderOutputRows"},
    {"Position|Kind", "PositionalEncodingKind"},
    {"Score|Kind", "AttentionScoreKind"},
    {"Score|Rule", "ScoringFunction"},
    {"Score|Sizes", "AttentionScoreSizes"},
    {"SelfAttention|Encoder", "TransformerEncoder"},
    {"SelfAttention|Layers", "TransformerLayers"},
    {"Tape|Rows", "DecoderRows"},
    {"Ti|les", "Microkernels"},
    {"Training|Text", "ChunkedCorpus"},
    {"Weight|ing", "Normalizer"},
    {"Weigh|tingKind", "NormalizerKind"},
    {"Weigh|tingOptions", "NormalizerOptions"},
    {"Window|Kind", "AttentionWindowKind"},
    {"Window|Options", "AttentionWindowOptions"},
    {"dealt_|to", "shard_of"},
    {"draw_|word", "sample_word"},
    {"forbid_live_|lines", "disable_status_lines"},
    {"give_memory_|back", "release_free_memory"},
    {"ids_at_|home", "sentence_order"},
    {"in_|digits", "encode_base90"},
    {"kLeast|Coverage", "kMinAttentionMass"},
    {"kMend|able", "kUserError"},
    {"kOur|Bug", "kInternalError"},
    {"kSe|en", "kUnattendedMass"},
    {"kept_|rows", "saved_rows"},
    {"live_|line", "status_line"},
    {"made_up_|corpus", "synthetic_corpus"},
    {"make_gru_|paper", "make_gru_reset_before"},
    {"most_of_|activations", "max_quantized_activation"},
    {"multiply_in_eight_|bits", "multiply_int8"},
    {"multiply_in_sixteen_|bits", "multiply_bf16"},
    {"own_|rows", "own_saved_rows"},
    {"packed_|weights", "prepared_weights"},
    {"reads_|words", "uses_content"},
    {"say_|end", "log_end"},
    {"self_attention_|encoder", "transformer_encoder"},
    {"self_attention_|layers", "transformer_layers"},
    {"take_off_|largest", "subtract_max"},
    {"tou|ched_", "mark_rows"},
    {"training_|text", "chunked_corpus"},
    {"weigh|tings", "normalizers"},
    {"eight_|bits", "int8_gemm"},
    {"sixteen_|bits", "bf16_gemm"},
};

// Source files without extension.
const std::vector<std::pair<std::string, std::string>> kFormerSourceFiles = {
    {"ali|gned", "search/attention_export"},
    {"attention_|losses", "nn/attention/losses"},
    {"cho|ices", "the registry in the header of the interface"},
    {"eleme|ntary", "math/fast_math"},
    {"fie|lds", "base/options"},
    {"for|ce", "search/forced_decoding"},
    {"lim|its", "search/constraints"},
    {"lin|ks", "alignment/word_alignment"},
    {"mach|ine", "base/system_info"},
    {"pac|ked", "math/gemm/packed_gemm"},
    {"pa|ge", "report/heatmap_page"},
    {"posi|tions", "nn/positional_encoding"},
    {"prep|are", "train/train_data"},
    {"repe|ated", "math/gemm/unique_columns"},
    {"rep|ort", "report/training_report"},
    {"sam|ple", "search/sampling"},
    {"sam|ples", "train/validation_samples"},
    {"sco|res", "app/metric_report"},
    {"symmetri|se", "alignment/symmetrize"},
    {"ta|ble", "base/registry"},
    {"til|es", "math/gemm/microkernels"},
    {"uni|ts", "alignment/granularity"},
    {"unk|nown", "search/replace_unknown"},
    {"weigh|ting", "nn/attention/normalizer"},
    {"wor|ds", "base/strings"},
    {"wo|rk", "model/flops"},
};

const std::vector<Forbidden> kBritishWords = {
    {"behavi|our", "behavior", Match::inside},
    {"colo|ur", "color", Match::inside},
    {"favo|ur", "favor", Match::inside},
    {"flavo|ur", "flavor", Match::inside},
    {"hono|ur", "honor", Match::inside},
    {"labo|ur", "labor", Match::inside},
    {"neighbo|ur", "neighbor", Match::inside},
    {"cent|re", "center", Match::inside},
    {"fib|re", "fiber", Match::inside},
    {"gr|ey", "gray", Match::inside},
    {"licen|ce", "license", Match::inside},
    {"defen|ce", "defense", Match::inside},
    {"artef|act", "artifact", Match::inside},
    {"label|led", "labeled"},
    {"label|ling", "labeling"},
    {"model|led", "modeled"},
    {"model|ling", "modeling"},
    {"cancel|led", "canceled"},
    {"cancel|ling", "canceling"},
    {"learn|t", "learned"},
    {"spel|t", "spelled"},
    {"whil|st", "while"},
    {"among|st", "among"},
    {"toward|s", "toward"},
    {"met|re", "meter"},
    {"met|res", "meters"},
    {"practi|se", "practice"},
    {"analy|se", "analyze"},
    {"analy|sed", "analyzed"},
    {"analy|sing", "analyzing"},
    {"capital|is", "capitaliz…", Match::verb},
    {"custom|is", "customiz…", Match::verb},
    {"factor|is", "factoriz…", Match::verb},
    {"general|is", "generaliz…", Match::verb},
    {"initial|is", "initializ…", Match::verb},
    {"maxim|is", "maximiz…", Match::verb},
    {"memor|is", "memoriz…", Match::verb},
    {"minim|is", "minimiz…", Match::verb},
    {"normal|is", "normaliz…", Match::verb},
    {"optim|is", "optimiz…", Match::verb},
    {"organ|is", "organiz…", Match::verb},
    {"parallel|is", "paralleliz…", Match::verb},
    {"quant|is", "quantiz…", Match::verb},
    {"random|is", "randomiz…", Match::verb},
    {"real|is", "realiz…", Match::verb},
    {"recogn|is", "recogniz…", Match::verb},
    {"regular|is", "regulariz…", Match::verb},
    {"serial|is", "serializ…", Match::verb},
    {"special|is", "specializ…", Match::verb},
    {"summar|is", "summariz…", Match::verb},
    {"symmetr|is", "symmetriz…", Match::verb},
    {"synchron|is", "synchroniz…", Match::verb},
    {"token|is", "tokeniz…", Match::verb},
    {"util|is", "utiliz…", Match::verb},
    {"vector|is", "vectoriz…", Match::verb},
};

const std::vector<Forbidden> kPhrases = {
    {"an|ew", "\"again\" or \"from the start\""},
    {"beh|ind", "\"after\""},
    {"deal|t", "\"divided\" or \"distributed\""},
    {"laid |over", "\"overrides\""},
    {"lays |over", "\"overrides\""},
    {"look|s at", "\"attends to\" or \"reads\""},
    {"look|ed at", "\"attended to\" or \"read\""},
    {"made |up", "\"synthetic\""},
    {"made-|up", "\"synthetic\""},
    {"men|d", "\"fix\""},
    {"men|ds", "\"fixes\""},
    {"so |many", "the number, or \"this many\""},
    {"is |said", "the subject and an active verb"},
    {"tel|l", "\"print\", \"pass\" or \"report\""},
    {"tel|ls", "\"prints\", \"passes\" or \"reports\""},
    {"tol|d", "\"given\", \"passed\" or \"reported\""},
    {"// O|f ", "a sentence with a verb: \"Returns …\"", Match::exact},
    {"\"\"\"O|f ", "a sentence with a verb: \"Returns …\"", Match::exact},
};

// ---- Markdown ----

// Returns the text of a Markdown file with code blocks and code spans blanked.
std::vector<std::string> without_code(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  bool in_block = false;
  for (std::string line : lines) {
    const bool fence = line.find_first_not_of(' ') != std::string::npos &&
                       line.compare(line.find_first_not_of(' '), 3, "```") == 0;
    if (fence) in_block = !in_block;
    if (fence || in_block) line.clear();
    for (auto begin = line.find('`'); begin != std::string::npos; begin = line.find('`')) {
      const std::size_t end = line.find('`', begin + 1);
      if (end == std::string::npos) break;
      line.replace(begin, end - begin + 1, end - begin + 1, ' ');
    }
    out.push_back(line);
  }
  return out;
}

// Returns the first placeholder of a line, @ and @ around capital letters and underscores, or "".
std::string placeholder_in(const std::string& line) {
  for (auto at = line.find('@'); at != std::string::npos; at = line.find('@', at + 1)) {
    const std::size_t end = line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", at + 1);
    if (end != std::string::npos && end > at + 1 && line[end] == '@')
      return line.substr(at, end + 1 - at);
  }
  return "";
}

// Returns the anchor that GitHub gives to a heading: lower case, punctuation removed, spaces
// replaced by hyphens.
std::string anchor_of(const std::string& heading) {
  std::string out;
  for (const char c : lowered(heading))
    if (c == ' ' || c == '-')
      out += '-';
    else if (is_word_character(c) || static_cast<unsigned char>(c) >= 0x80)
      out += c;
  return out;
}

std::set<std::string> anchors_of(const TextFile& file) {
  std::set<std::string> out;
  bool in_block = false;
  for (const std::string& line : file.lines) {
    if (line.starts_with("```")) in_block = !in_block;
    const std::size_t level = line.find_first_not_of('#');
    if (in_block || level == 0 || level == std::string::npos || line[level] != ' ') continue;
    const std::string anchor = anchor_of(line.substr(level + 1));
    std::string unique = anchor;
    for (int n = 1; !out.insert(unique).second; ++n) unique = anchor + "-" + std::to_string(n);
  }
  return out;
}

// Returns the targets of all links of a line: "file.md#anchor".
std::vector<std::string> link_targets(const std::string& line) {
  std::vector<std::string> out;
  for (auto at = line.find("]("); at != std::string::npos; at = line.find("](", at + 2))
    out.push_back(line.substr(at + 2, line.find(')', at) - at - 2));
  return out;
}

const TextFile* find_file(const std::string& name) {
  const auto found = std::ranges::find(text_files(), name, &TextFile::name);
  return found == text_files().end() ? nullptr : &*found;
}

// Returns "" or what is wrong with a link in the file. The Debian package includes the
// documentation, so links may lead only to files of the package.
std::string link_error(const TextFile& file, const std::string& target) {
  const std::size_t hash = std::min(target.find('#'), target.size());
  const std::string path = target.substr(0, hash);
  const fs::path other = path.empty()
                             ? fs::path(file.name)
                             : (fs::path(file.name).parent_path() / path).lexically_normal();
  const std::string name = other.string();
  if (!fs::exists(ATTN_SOURCE_DIR / other)) return "no such file: " + name;
  if (!name.ends_with(".md") && !name.ends_with(".svg") && !name.starts_with("configs/"))
    return "the package has no " + name + "; write its name as code";
  if (hash == target.size()) return "";
  const TextFile* page = find_file(name);
  if (!page || !anchors_of(*page).contains(target.substr(hash + 1)))
    return "no such heading in " + name;
  return "";
}

}  // namespace

TEST_CASE("README.md has at most 150 lines") {
  REQUIRE(find_file("README.md") != nullptr);
  CHECK(find_file("README.md")->lines.size() <= 150);
}

TEST_CASE("every link of the documentation leads to an existing file and heading") {
  std::size_t links = 0;
  for (const TextFile* file : files_where([](auto& name) { return name.ends_with(".md"); })) {
    const std::vector<std::string> lines = without_code(file->lines);
    for (std::size_t i = 0; i < lines.size(); ++i)
      for (const std::string& target : link_targets(lines[i])) {
        if (target.starts_with("http://") || target.starts_with("https://")) continue;
        const std::string error = link_error(*file, target);
        CHECK_MESSAGE(error.empty(),
                      file->name << ":" << i + 1 << ": link to " << target << ": " << error);
        ++links;
      }
  }
  CHECK(links > 100);  // else the search for links is broken
}

TEST_CASE("former names of options, flags and files do not occur in code, configs, documentation") {
  check_words(files_where([](auto&) { return true; }), kFormerNames, {});
}

TEST_CASE("former names of types, functions and source files do not occur") {
  std::vector<Forbidden> words = kFormerIdentifiers;
  for (Forbidden& forbidden : words) forbidden.match = Match::name;
  for (const auto& [file, instead] : kFormerSourceFiles)
    for (const char* extension : {".h", ".cpp"})
      words.push_back({file + extension, instead, Match::name});
  check_words(files_where([](auto&) { return true; }), words,
              {{"tests/golden/make_golden.py", "self_attention_|layers",
                "a function of the independent implementation"}});
}

TEST_CASE("the documentation has no placeholders") {
  for (const TextFile* file : files_where([](auto& name) { return name.ends_with(".md"); }))
    for (std::size_t i = 0; i < file->lines.size(); ++i) {
      const std::string name = placeholder_in(file->lines[i]);
      CHECK_MESSAGE(name.empty(), file->name << ":" << i + 1 << ": replace " << name);
    }
}

TEST_CASE("spelling is American") {
  const std::string corpus = "the sample corpus has British spelling";
  check_words(files_where([](auto&) { return true; }), kBritishWords,
              {{"data/sample/lexicon.py", "gr|ey", corpus},
               {"data/sample/lexicon.py", "neighbo|ur", corpus}});
}

TEST_CASE("code and documentation use plain phrases") {
  // The words of the sample corpus are language data.
  const auto files = files_where([](auto& name) { return !name.starts_with("data/sample/"); });
  const std::string key = "the name of a RandomKey, which must not change";
  check_words(files, kPhrases,
              {{"app/bench_measure.cpp", "made |up", key},
               {"tests/experiments/pytorch/race.py", "made |up", key}});
}
