#include "request_reader.h"

#include "base/error.h"

namespace attn {

RequestReader::RequestReader(const fs::path& input, const fs::path& prefixes, bool json_lines)
    : input_(input == "-" ? "standard input" : input.string()),
      prefix_file_(prefixes.string()),
      json_lines_(json_lines),
      lines_(input) {
  if (!prefixes.empty()) prefixes_.emplace(prefixes);
}

bool RequestReader::next(std::size_t max, Requests& out) {
  out.clear();
  std::string line;
  while (out.texts.size() < max && lines_.next(line)) {
    if (json_lines_) {
      read_object(line, out);
    } else {
      out.texts.push_back(line);
      if (prefixes_) read_prefix(out);
    }
  }
  if (out.texts.empty() && prefixes_ && prefixes_->next(line))
    fail_prefix("has more lines than the text, which ends after line " +
                std::to_string(lines_.line_number()));
  return !out.texts.empty();
}

void RequestReader::fail_prefix(const std::string& problem) const {
  throw Error(prefix_file_ + " " + problem +
              ": it must have one line per line of the text; an empty line sets no prefix");
}

void RequestReader::read_prefix(Requests& out) {
  out.prefixes.emplace_back();
  if (!prefixes_->next(out.prefixes.back()))
    fail_prefix("ends after line " + std::to_string(prefixes_->line_number()) +
                ", but the text has more lines");
}

void RequestReader::read_object(const std::string& line, Requests& out) const {
  const std::string where = input_ + ":" + std::to_string(lines_.line_number());
  Json object = parse_json(line, where);
  const auto text = [&](const char* key) {
    if (!object[key].is_string())
      throw Error(where + ": \"" + key + "\" must be a string, got " + object[key].dump());
    return object[key].get<std::string>();
  };
  if (!object.is_object() || !object.contains("source"))
    throw Error(where +
                ": each line must be an object with a string \"source\", such as "
                "{\"source\": \"a sentence\"}");
  out.texts.push_back(text("source"));
  out.prefixes.push_back(object.contains("prefix") ? text("prefix") : "");
  out.objects.push_back(std::move(object));
}

}  // namespace attn
