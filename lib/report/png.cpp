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

constexpr double kPixelsAnInch = 96;               // of an SVG
constexpr std::ptrdiff_t kMostElements = 1000000;  // that librsvg reads

// librsvg, and cairo behind it. The program is not linked with them: they bring thirty libraries,
// and binding those would double the time in which it starts.
class Drawing {
 public:
  // Error: it is not there.
  static const Drawing& library() {
    static const Drawing drawing;
    return drawing;
  }

 private:
  void* const handle_ = open();

  static void* open() {
    void* const handle = dlopen("librsvg-2.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
      throw Error("a PNG is drawn by librsvg, which cannot be loaded (" + std::string(dlerror()) +
                  "); install it (Debian: librsvg2-2), or write the picture as .svg or .html");
    return handle;
  }

  template <class Function>
  Function* find(const char* name) const {
    void* const found = dlsym(handle_, name);
    if (!found)
      throw Error(std::string("a PNG is drawn by librsvg, and this one has no ") + name +
                  "; install version 2.52 or a later one, or write the picture as .svg or .html");
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

// Big-endian.
std::string four_bytes(std::uint32_t number) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(number >> shift & 0xff);
  return out;
}

// CRC-32 (PNG, third edition, annex D), bit by bit: there are few.
std::uint32_t checksum(const std::string& text) {
  std::uint32_t rest = 0xffffffff;
  for (const char byte : text) {
    rest ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) rest = rest >> 1 ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest;
}

std::string chunk(const std::string& type_and_data) {
  return four_bytes(static_cast<std::uint32_t>(type_and_data.size() - 4)) + type_and_data +
         four_bytes(checksum(type_and_data));
}

// How many pixels a metre has (PNG, third edition, 11.3.4.3), which cairo does not write.
void add_density(double pixels_an_inch, std::string& png) {
  constexpr std::size_t kHeader = 8 + 25;  // the signature, and the chunk that comes first
  constexpr double kInchesAMetre = 1 / 0.0254;
  const std::string density =
      four_bytes(static_cast<std::uint32_t>(std::lround(pixels_an_inch * kInchesAMetre)));
  ATTN_CHECK(png.compare(12, 4, "IHDR") == 0);
  png.insert(kHeader, chunk("pHYs" + density + density + '\1'));  // 1: a metre
}

}  // namespace

void check_png() {
  Drawing::library();
}

std::string png_of_svg(const std::string& svg, double scale) {
  const Drawing& with = Drawing::library();
  const std::unique_ptr<RsvgHandle, decltype(with.g_object_unref)> picture(
      with.rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(),
                                     nullptr),
      with.g_object_unref);
  if (!picture && std::count(svg.begin(), svg.end(), '<') > kMostElements)
    throw Error("a picture of so many words is too large for a PNG; write it as .svg or .html");
  RsvgRectangle page = {};
  ATTN_CHECK(picture && with.rsvg_handle_get_intrinsic_size_in_pixels(picture.get(), &page.width,
                                                                      &page.height));
  page.width = std::ceil(scale * page.width), page.height = std::ceil(scale * page.height);
  const std::unique_ptr<cairo_surface_t, decltype(with.cairo_surface_destroy)> surface(
      with.cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(page.width),
                                      static_cast<int>(page.height)),
      with.cairo_surface_destroy);
  if (with.cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
    throw Error("a picture of " + std::to_string(static_cast<int>(page.width)) + " × " +
                std::to_string(static_cast<int>(page.height)) +
                " pixels is too large for a PNG; write it as .svg or .html");
  {
    const std::unique_ptr<cairo_t, decltype(with.cairo_destroy)> context(
        with.cairo_create(surface.get()), with.cairo_destroy);
    ATTN_CHECK(with.rsvg_handle_render_document(picture.get(), context.get(), &page, nullptr));
  }
  std::string png;
  ATTN_CHECK(with.cairo_surface_write_to_png_stream(surface.get(), append_bytes, &png) ==
             CAIRO_STATUS_SUCCESS);
  add_density(scale * kPixelsAnInch, png);
  return png;
}

}  // namespace attn
