#include "report/heatmap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numbers>

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include "base/error.h"
#include "base/index_span.h"
#include "report/svg.h"

namespace attn {

namespace {

using namespace svg;

// ---- color: OKLab (Ottosson 2020, "A perceptual color space for image processing") to sRGB ----

using Lab = std::array<double, 3>;

// Lightness decreases evenly. The hue remains blue, which every kind of color vision distinguishes
// from white.
constexpr Lab kWhite = {1.0, 0.0, 0.0}, kBlue = {0.66, -0.055, -0.090},
              kDark = {0.30, -0.018, -0.098};

double distance(const Lab& p, const Lab& q) {
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

Lab interpolate(const Lab& p, const Lab& q, double t) {
  return {p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2])};
}

std::array<double, 3> linear_rgb(const Lab& lab) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2]);
  const double m = cube(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2]);
  const double s = cube(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2]);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

// Returns the 8-bit sRGB value of a linear color channel.
int srgb_byte(double linear) {
  const double x = std::clamp(linear, 0.0, 1.0);
  const double srgb = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
  return static_cast<int>(std::lround(255 * srgb));
}

// ---- text ----

// Returns the text in lines of at most `ems`, broken where its script allows it (UAX #14). A line
// is longer only if it cannot be broken.
std::vector<std::string> broken_into_lines(const std::string& text, double ems) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::LocalUTextPointer utext(
      utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status));
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createLineInstance(icu::Locale::getRoot(), status));
  ATTN_CHECK(U_SUCCESS(status));
  breaks->setText(utext.getAlias(), status);
  ATTN_CHECK(U_SUCCESS(status));

  std::vector<std::string> lines;
  std::size_t begin = 0, fits = 0;
  const auto line_to = [&](std::size_t end) {
    const std::string line = text.substr(begin, end - begin);
    return line.substr(0, line.find_last_not_of(' ') + 1);
  };
  for (std::int32_t next = breaks->next(); next != icu::BreakIterator::DONE;
       next = breaks->next()) {
    const auto end = static_cast<std::size_t>(next);
    if (fits > begin && text_width(line_to(end)) > ems) {
      lines.push_back(line_to(fits));
      begin = fits;
    }
    fits = end;
  }
  if (begin < text.size()) lines.push_back(line_to(text.size()));
  return lines;
}

// ---- the figure ----

constexpr double kSlope = std::numbers::sqrt2 / 2;  // column labels are rotated by 45°
constexpr double kTitleSize = 1.15;                 // relative to the font size

// One side of the matrix: its tokens and the positions of their cells along the axis.
class LabelAxis {
 public:
  LabelAxis(IndexSpan<const std::string> tokens, bool has_end, double cell)
      : tokens_(tokens), has_end_(has_end), cell_(cell) {}

  Index size() const { return tokens_.size(); }
  bool is_end(Index i) const { return has_end_ && i + 1 == size(); }
  const std::string& token(Index i) const { return tokens_[i]; }
  std::string name(Index i) const { return is_end(i) ? "end of sentence" : isolated(token(i)); }
  double width(Index i) const { return is_end(i) ? 0.0 : text_width(token(i)); }
  // There is a small gap before the end of sentence.
  double begin(Index i) const {
    return cell_ * static_cast<double>(i) + (is_end(i) && i > 0 ? std::ceil(cell_ / 5) : 0);
  }
  double middle(Index i) const { return begin(i) + cell_ / 2; }
  double extent() const { return size() == 0 ? 0 : begin(size() - 1) + cell_; }

  double widest() const {
    double widest = 0;
    for (Index i = 0; i < size(); ++i) widest = std::max(widest, width(i));
    return widest;
  }

 private:
  IndexSpan<const std::string> tokens_;
  bool has_end_;
  double cell_;
};

// Computes the sizes when it is constructed, then draws. Lengths are in pixels.
class HeatmapFigure {
 public:
  HeatmapFigure(const Alignment& alignment, const HeatmapOptions& options);

  std::string svg() const {
    return open() + title() + source_labels() + target_labels() + cells() + color_bar() +
           end_legend() + "</svg>\n";
  }

 private:
  double right() const { return left_ + source_.extent(); }
  double bottom() const { return top_ + std::max(target_.extent(), bar_height()); }
  double bar_left() const { return right() + 2 * font_; }
  double bar_height() const { return std::clamp(target_.extent(), 3 * cell_, 8 * cell_); }
  bool has_end() const { return alignment_.source_end || alignment_.target_end; }
  double width_without_title() const;

  std::string open() const;
  std::string description() const;
  double weight(Index i, Index j) const;  // of source word i for target word j
  std::string tooltip(Index i, Index j) const;
  std::string title() const;
  std::string source_labels() const;
  std::string target_labels() const;
  std::string cells() const;
  std::string row(Index j) const;
  std::string segment_boundaries() const;
  std::string color_bar() const;
  std::string end_legend() const;
  std::string end_mark(double x, double y) const;

  const Alignment& alignment_;
  const HeatmapOptions& options_;
  double font_, cell_, margin_, gap_;  // gap: between labels and matrix
  LabelAxis source_, target_;
  std::vector<std::string> title_;
  double left_, top_, width_, height_;
};

HeatmapFigure::HeatmapFigure(const Alignment& alignment, const HeatmapOptions& options)
    : alignment_(alignment),
      options_(options),
      font_(options.font_size),
      cell_(std::ceil(2 * font_)),
      margin_(std::ceil(font_)),
      gap_(std::ceil(0.6 * font_)),
      source_(alignment.source, alignment.source_end, cell_),
      target_(alignment.target, alignment.target_end, cell_) {
  left_ = std::ceil(margin_ + std::max(font_ * target_.widest(), font_) + gap_);
  const double room = std::max(width_without_title() - 2 * margin_, 24 * font_);
  title_ = broken_into_lines(options.title, room / (kTitleSize * font_));
  double title_width = 0;
  for (const std::string& line : title_)
    title_width = std::max(title_width, kTitleSize * font_ * text_width(line));
  width_ = std::ceil(std::max(width_without_title(), title_width + 2 * margin_));

  const double title_height =
      title_.empty() ? 0 : font_ * (1.5 * static_cast<double>(title_.size()) + 0.5);
  const double rise = kSlope * font_ * (source_.widest() + 1.2);
  top_ = std::ceil(margin_ + title_height + std::max(rise, font_) + gap_);
  const double legend_height = has_end() ? 2 * font_ : 0.5 * font_;
  height_ = std::ceil(bottom() + legend_height + margin_);
}

double HeatmapFigure::width_without_title() const {
  double width = bar_left() + 4.3 * font_;
  if (has_end()) width = std::max(width, left_ + font_ * (1 + text_width("end of sentence")));
  for (Index i = 0; i < source_.size(); ++i) {
    const double reach = kSlope * font_ * (source_.width(i) + 1.2);
    width = std::max(width, left_ + source_.middle(i) + reach);
  }
  return width + margin_;
}

std::string HeatmapFigure::open() const {
  return svg::open({width_, height_, font_,
                    options_.title.empty() ? "Attention weights" : options_.title, description()});
}

std::string HeatmapFigure::description() const {
  std::string out =
      "Attention weights of a translation: a row for each target word and a column for each source "
      "word, darker for larger weights. Largest weight of each target word:";
  for (const Link& link : hard_links(alignment_))
    out.append(" ").append(tooltip(link.source, link.target)).append(";");
  out.back() = '.';
  return out;
}

std::string HeatmapFigure::title() const {
  if (title_.empty()) return "";
  const bool right_to_left = is_right_to_left(options_.title);
  const double x = right_to_left ? width_ - margin_ : margin_;
  double y = margin_;
  std::string lines;
  for (const std::string& line : title_) lines += text(x, y += 1.5 * font_, "", line);
  return "<g" + attribute("font-size", kTitleSize * font_) +
         attribute("text-anchor", right_to_left ? "end" : "start") + ">\n" + lines + "</g>\n";
}

double HeatmapFigure::weight(Index i, Index j) const {
  const IndexSpan<const double> row = IndexSpan(alignment_.weights)[j];
  return row[i];
}

std::string HeatmapFigure::tooltip(Index i, Index j) const {
  return source_.name(i) + " → " + target_.name(j) + " " + fixed(weight(i, j), 2);
}

std::string HeatmapFigure::source_labels() const {
  std::string out = "<g>\n";
  for (Index i = 0; i < source_.size(); ++i) {
    const double x = left_ + source_.middle(i), y = top_ - gap_;
    if (source_.is_end(i)) {
      out += end_mark(x, y - 0.25 * font_);
      continue;
    }
    const std::string rotated = "translate(" + number(x) + " " + number(y) + ") rotate(-45)";
    out += text(0, 0.35 * font_, attribute("transform", rotated), source_.token(i));
  }
  return out + "</g>\n";
}

std::string HeatmapFigure::target_labels() const {
  std::string out = "<g" + attribute("text-anchor", "end") + ">\n";
  for (Index j = 0; j < target_.size(); ++j) {
    const double x = left_ - gap_, y = top_ + target_.middle(j);
    out += target_.is_end(j) ? end_mark(x - 0.25 * font_, y)
                             : text(x, y + 0.35 * font_, "", target_.token(j));
  }
  return out + "</g>\n";
}

std::string HeatmapFigure::cells() const {
  std::string out =
      "<g" + attribute("stroke", kGrid) + attribute("shape-rendering", "crispEdges") + ">\n";
  for (Index j = 0; j < target_.size(); ++j) out += row(j);
  return out + "</g>\n" + segment_boundaries();
}

std::string HeatmapFigure::segment_boundaries() const {
  std::string out;
  for (const int end : alignment_.segment_ends) {
    if (end >= source_.size()) continue;
    const double x = left_ + source_.begin(end) + 0.5, y = top_ + 0.5;
    out += "<line" + attribute("x1", x) + attribute("y1", y) + attribute("x2", x) +
           attribute("y2", y + target_.extent()) + attribute("stroke", kInk) + "/>\n";
  }
  return out;
}

std::string HeatmapFigure::row(Index j) const {
  std::string out;
  for (Index i = 0; i < source_.size(); ++i) {
    const Box box = {left_ + source_.begin(i) + 0.5, top_ + target_.begin(j) + 0.5, cell_, cell_};
    out += rectangle(box, attribute("fill", heat_color(weight(i, j))), tooltip(i, j));
  }
  return out;
}

// Each step extends to the bottom of the bar and is covered by the following ones, which avoids
// seams between them.
std::string HeatmapFigure::color_bar() const {
  constexpr int kSteps = 50;
  const double x = bar_left() + 0.5, y = top_ + 0.5, width = font_, height = bar_height();
  std::string out = "<g" + attribute("shape-rendering", "crispEdges") + ">\n";
  for (int k = 0; k < kSteps; ++k) {
    const double down = height * k / kSteps;
    out += rectangle({x, y + down, width, height - down},
                     attribute("fill", heat_color(1 - (k + 0.5) / kSteps)));
  }
  out += rectangle({x, y, width, height}, attribute("fill", "none") + attribute("stroke", kGrid)) +
         "</g>\n";

  const double tick = x + width + 0.4 * font_;
  for (const auto& [weight, label] : {std::pair{0.0, "0"}, {0.5, "0.5"}, {1.0, "1"}})
    out += text(tick, y + height * (1 - weight) + 0.3 * font_, attribute("font-size", 0.85 * font_),
                label);
  const std::string rotated =
      "translate(" + number(tick + 2.4 * font_) + " " + number(y + height / 2) + ") rotate(-90)";
  return out + text(0, 0,
                    attribute("transform", rotated) + attribute("text-anchor", "middle") +
                        attribute("font-size", 0.85 * font_),
                    "weight");
}

std::string HeatmapFigure::end_legend() const {
  if (!has_end()) return "";
  const double y = bottom() + 1.5 * font_;
  return end_mark(left_ + 0.25 * font_, y) +
         text(left_ + font_, y + 0.3 * font_,
              attribute("font-size", 0.85 * font_) + attribute("fill", kPale), "end of sentence");
}

std::string HeatmapFigure::end_mark(double x, double y) const {
  const double side = 0.5 * font_;
  return rectangle({x - side / 2, y - side / 2, side, side}, attribute("fill", kPale),
                   "end of sentence");
}

}  // namespace

std::string heat_color(double weight) {
  const double t = weight > 0 ? std::min(weight, 1.0) : 0.0;
  static const double first = distance(kWhite, kBlue), second = distance(kBlue, kDark);
  const double along = t * (first + second);
  const Lab lab = along < first ? interpolate(kWhite, kBlue, along / first)
                                : interpolate(kBlue, kDark, (along - first) / second);
  std::string color = "#";
  for (const double channel : linear_rgb(lab)) {
    const int byte = srgb_byte(channel);
    color += {"0123456789abcdef"[byte / 16], "0123456789abcdef"[byte % 16]};
  }
  return color;
}

std::string heatmap_svg(const Alignment& alignment, const HeatmapOptions& options) {
  check(alignment);
  return HeatmapFigure(alignment, options).svg();
}

}  // namespace attn
