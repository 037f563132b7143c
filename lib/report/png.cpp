#include "report/png.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <dlfcn.h>
#include <librsvg/rsvg.h>

#include "base/error.h"

namespace attn {
namespace {

constexpr double kPixelsPerInch = 96;             // pixels per inch of an SVG (CSS)
constexpr std::ptrdiff_t kMaxElements = 1000000;  // limit of librsvg

// The functions of librsvg and of cairo, which it uses. They are loaded at run time: linking the
// program with these libraries and their thirty dependencies would double its startup time.
class Librsvg {
 public:
  // Throws Error if the library is not available.
  static const Librsvg& instance() {
    static const Librsvg library;
    return library;
  }

 private:
  void* const handle_ = open();

  static void* open() {
    void* const handle = dlopen("librsvg-2.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
      throw Error("cannot load librsvg, which draws PNG pictures (" + std::string(dlerror()) +
                  "); install it (Debian: librsvg2-2), or use .svg or .html");
    return handle;
  }

  template <class Function>
  Function* find(const char* name) const {
    void* const found = dlsym(handle_, name);
    if (!found)
      throw Error(std::string("the installed librsvg, which draws PNG pictures, has no function ") +
                  name + "; install version 2.52 or later, or use .svg or .html");
    return reinterpret_cast<Function*>(found);
  }

 public:
#define ATTN_FUNCTION(name) decltype(::name)* name = find<decltype(::name)>(#name)
  ATTN_FUNCTION(rsvg_handle_new_from_data);
  ATTN_FUNCTION(rsvg_handle_get_intrinsic_size_in_pixels);
  ATTN_FUNCTION(rsvg_handle_render_document);
  ATTN_FUNCTION(g_object_unref);
  ATTN_FUNCTION(cairo_image_surface_create);
  ATTN_FUNCTION(cairo_surface_status);
  ATTN_FUNCTION(cairo_surface_write_to_png_stream);
  ATTN_FUNCTION(cairo_surface_destroy);
  ATTN_FUNCTION(cairo_create);
  ATTN_FUNCTION(cairo_destroy);
#undef ATTN_FUNCTION
};

cairo_status_t append_bytes(void* out, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

// Returns the number as four bytes, big-endian.
std::string four_bytes(std::uint32_t number) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(number >> shift & 0xff);
  return out;
}

// Returns the CRC-32 (PNG, third edition, annex D), bit by bit, because the chunk is short.
std::uint32_t crc32_of(const std::string& text) {
  std::uint32_t remainder = 0xffffffff;
  for (const char byte : text) {
    remainder ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder & 1 ? 0xedb88320 : 0);
  }
  return ~remainder;
}

std::string chunk(const std::string& type_and_data) {
  return four_bytes(static_cast<std::uint32_t>(type_and_data.size() - 4)) + type_and_data +
         four_bytes(crc32_of(type_and_data));
}

// Inserts the pixel density (chunk pHYs: PNG, third edition, 11.3.4.3), which cairo does not write.
void add_density(double pixels_per_inch, std::string& png) {
  constexpr std::size_t kHeader = 8 + 25;  // the signature and the first chunk
  constexpr double kInchesPerMeter = 1 / 0.0254;
  const std::string density =
      four_bytes(static_cast<std::uint32_t>(std::lround(pixels_per_inch * kInchesPerMeter)));
  ATTN_CHECK(png.compare(12, 4, "IHDR") == 0);
  png.insert(kHeader, chunk("pHYs" + density + density + '\1'));  // 1: per meter
}

}  // namespace

void check_png() {
  Librsvg::instance();
}

std::string png_of_svg(const std::string& svg, double scale) {
  const Librsvg& library = Librsvg::instance();
  const std::unique_ptr<RsvgHandle, decltype(library.g_object_unref)> picture(
      library.rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(),
                                        nullptr),
      library.g_object_unref);
  if (!picture && std::count(svg.begin(), svg.end(), '<') > kMaxElements)
    throw Error("the picture has too many words and is too large for a PNG; use .svg or .html");
  RsvgRectangle page = {};
  ATTN_CHECK(picture && library.rsvg_handle_get_intrinsic_size_in_pixels(picture.get(), &page.width,
                                                                         &page.height));
  page.width = std::ceil(scale * page.width), page.height = std::ceil(scale * page.height);
  const std::unique_ptr<cairo_surface_t, decltype(library.cairo_surface_destroy)> surface(
      library.cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(page.width),
                                         static_cast<int>(page.height)),
      library.cairo_surface_destroy);
  if (library.cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
    throw Error("the picture of " + std::to_string(static_cast<int>(page.width)) + " × " +
                std::to_string(static_cast<int>(page.height)) +
                " pixels is too large for a PNG; use .svg or .html");
  {
    const std::unique_ptr<cairo_t, decltype(library.cairo_destroy)> context(
        library.cairo_create(surface.get()), library.cairo_destroy);
    ATTN_CHECK(library.rsvg_handle_render_document(picture.get(), context.get(), &page, nullptr));
  }
  std::string png;
  ATTN_CHECK(library.cairo_surface_write_to_png_stream(surface.get(), append_bytes, &png) ==
             CAIRO_STATUS_SUCCESS);
  add_density(scale * kPixelsPerInch, png);
  return png;
}

}  // namespace attn
