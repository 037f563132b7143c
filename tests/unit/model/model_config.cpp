#include "model/model_config.h"

#include <doctest/doctest.h>

#include "support/config.h"

namespace attn::test {

TEST_CASE("attention options that contradict each other are an error") {
  const auto attention = [](const std::string& options) {
    return R"({"model": {"hidden_size": 8, "attention": {)" + options + "}}}";
  };
  for (const char* score : {"dot", "scaled_dot", "cosine", "gaussian"}) {
    const std::string name = "\"score\": \"" + std::string(score) + "\"";
    CHECK(error_in(attention(name)) ==
          "c.json: model.attention.score \"" + std::string(score) +
              "\" requires query and key of the same size, but the decoder state has 8 numbers "
              "and an encoder state 16; set model.attention.hidden_size, the size to which both "
              "are projected");
    CHECK(config_of(attention(name + R"(, "hidden_size": 5)")).model.attention.hidden_size == 5);
    CHECK(config_of(attention(name + R"(, "heads": 2)")).model.attention.hidden_size == 8);
  }
  CHECK(error_in(attention(R"("heads": 3, "hidden_size": 8)")) ==
        "c.json: model.attention.hidden_size (8) must be a multiple of model.attention.heads (3)");
  CHECK(error_in(attention(R"("score": "general", "coverage": true)")) ==
        "c.json: model.attention.coverage does not apply to model.attention.score \"general\"; it "
        "requires model.attention.score \"additive\"");
  CHECK(error_in(attention(R"("score": "location", "window": "local_m")")) ==
        "c.json: model.attention.score \"location\" attends to the first positions of a sentence "
        "only; use model.attention.window \"global\"");
  CHECK(error_in(attention(R"("score": "none", "heads": 2)")).find("does not apply") !=
        std::string::npos);
  CHECK(config_of(attention(R"("score": "general")")).model.attention.hidden_size == 0);
}

TEST_CASE("the exported attention layer must exist") {
  const auto decoder = [](const std::string& type, int layer) {
    return R"({"model": {"decoder": {"type": ")" + type + R"(", "alignment_layer": )" +
           std::to_string(layer) + "}}}";
  };
  for (const char* type : {"bahdanau", "luong", "conditional"}) {
    CHECK(config_of(decoder(type, 1)).model.decoder.alignment_layer == 1);
    CHECK(error_in(decoder(type, 2)) ==
          "c.json: model.decoder.alignment_layer: must be at most 1, the number of attention "
          "layers of model.decoder.type \"" +
              std::string(type) + "\", got 2");
  }
}

TEST_CASE("attention options without effect are an error") {
  const auto attention = [](const std::string& options) {
    return R"({"model": {"attention": {)" + options + "}}}";
  };
  for (const char* options :
       {R"("normalizer": "top_k", "top_k": 1)", R"("normalizer": "threshold", "threshold": 1)"})
    CHECK(error_in(attention(options)).find("expected") != std::string::npos);
  for (const char* score : {"general", "location"}) {
    const std::string options = R"("score": ")" + std::string(score) + R"(", "hidden_size": 64)";
    CHECK(error_in(attention(options)).find("model.attention.hidden_size does not apply") !=
          std::string::npos);
  }
  CHECK_NOTHROW(config_of(attention(R"("score": "general", "hidden_size": 64, "heads": 2)")));
  CHECK_NOTHROW(config_of(attention(R"("score": "location", "hidden_size": 64, "heads": 2)")));
  CHECK(error_in(attention(R"("score": "cosine", "hidden_size": 4, "heads": 4)"))
            .find("compares directions") != std::string::npos);
  CHECK_NOTHROW(config_of(attention(R"("score": "cosine", "hidden_size": 8, "heads": 4)")));
  CHECK(error_in(attention(R"("score": "location", "max_positions": 1)")).find("expected") !=
        std::string::npos);
}

TEST_CASE(
    "a hierarchical encoder requires a separator and rejects options that need flat sources") {
  const auto documents = [](const std::string& attention, const std::string& separator = "|||") {
    return R"({"model": {"encoder": {"hierarchical": true}, "attention": {)" + attention +
           R"(}}, "data": {"sentence_separator": ")" + separator + "\"}}";
  };
  CHECK(config_of(documents("")).data.sentence_separator == "|||");
  for (const char* type : {"sparsemax", "entmax15", "top_k", "threshold"})
    CHECK_NOTHROW(
        config_of(documents(R"("heads": 2, "normalizer": ")" + std::string(type) + "\"")));

  CHECK(error_in(documents("", "")) ==
        "c.json: model.encoder.hierarchical requires data.sentence_separator, the word between "
        "the sentences of a source line, such as \"|||\"");
  for (const char* separator : {"| |", " |", " "})
    CHECK(error_in(documents("", separator)).find("must be one word without white space") !=
          std::string::npos);
  CHECK(error_in(R"({"data": {"sentence_separator": "|||"}})").find("does not apply") !=
        std::string::npos);
  const auto refuses = [&](const std::string& attention, const std::string& why) {
    const std::string error = error_in(documents(attention));
    CAPTURE(error);
    CHECK(error.find(" cannot be combined with model.encoder.hierarchical: " + why) !=
          std::string::npos);
  };
  refuses(R"("score": "none")", "there is no attention to divide into levels");
  refuses(R"("score": "location")", "it depends on positions alone and does not read the words");
  for (const char* window : {"local_m", "local_p"})
    refuses(R"("window": ")" + std::string(window) + "\"", "it counts words across sentences");
  refuses(R"("coverage": true)", "set it to false");
  refuses(R"("normalizer": "hard")", "it would sample a word of every sentence");
}

TEST_CASE("options that do not apply to the encoder's type are an error") {
  const auto encoder = [](const std::string& options, const std::string& more = "") {
    return R"({"model": {"hidden_size": 6, "encoder": {)" + options + "}" + more + "}}";
  };
  const std::string attends = R"("type": "transformer", "heads": 2)";
  const std::string cascaded = R"("type": "recurrent_transformer", "heads": 2)";
  CHECK(config_of(encoder(attends)).model.encoder.positional_encoding == "sinusoidal");
  CHECK(config_of(encoder(cascaded + R"(, "recurrent_layers": 2)", R"(, "residual": true)"))
            .model.encoder.recurrent_layers == 2);
  for (const auto& dropout : {"layer", "attention"})
    CHECK_NOTHROW(
        config_of(encoder(attends, R"(, "dropout": {")" + std::string(dropout) + "\": 0.1}")));

  const std::vector<std::string> inapplicable = {R"("heads": 2)",
                                                 R"("norm": "post")",
                                                 R"("positional_encoding": "none")",
                                                 R"("recurrent_layers": 2)",
                                                 R"("feed_forward_size": 7)",
                                                 attends + R"(, "recurrent_layers": 2)",
                                                 attends + R"(, "max_positions": 200)",
                                                 attends + R"(, "max_relative_position": 2)",
                                                 cascaded + R"(, "positional_encoding": "none")"};
  for (const auto& options : inapplicable)
    CHECK(error_in(encoder(options)).find("does not apply") != std::string::npos);
  CHECK(error_in(encoder(attends + R"(, "layers": 2)", R"(, "residual": true)"))
            .find("does not apply") != std::string::npos);

  CHECK(error_in(encoder(R"("type": "transformer", "heads": 5)")) ==
        "c.json: 2 · model.hidden_size (12) must be a multiple of model.encoder.heads (5)");
  CHECK_NOTHROW(
      config_of(encoder(attends + R"(, "positional_encoding": "learned", "max_positions": 3)")));
  for (const auto& kind : {attends, cascaded})
    CHECK(
        error_in(encoder(kind, R"(, "attention": {"score": "none"})"))
            .find("uses the last forward state of a recurrent encoder, which model.encoder.type") !=
        std::string::npos);
}

}  // namespace attn::test
