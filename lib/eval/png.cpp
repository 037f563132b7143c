#include "eval/png.h"

#include <cmath>
#include <memory>

#include <librsvg/rsvg.h>

#include "base/error.h"

namespace attn {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

using Surface = std::unique_ptr<cairo_surface_t, Release<cairo_surface_destroy>>;

cairo_status_t append(void* out, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

void draw(RsvgHandle* picture, const Surface& surface, const RsvgRectangle& page) {
  const std::unique_ptr<cairo_t, Release<cairo_destroy>> context(cairo_create(surface.get()));
  ATTN_CHECK(rsvg_handle_render_document(picture, context.get(), &page, nullptr));
}

}  // namespace

std::string png_of_svg(const std::string& svg, double scale) {
  const std::unique_ptr<RsvgHandle, Release<g_object_unref>> picture(
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), nullptr));
  RsvgRectangle page = {};
  ATTN_CHECK(picture &&
             rsvg_handle_get_intrinsic_size_in_pixels(picture.get(), &page.width, &page.height));
  page.width = std::ceil(scale * page.width), page.height = std::ceil(scale * page.height);
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(page.width),
                                                   static_cast<int>(page.height)));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
    throw Error("a picture of " + std::to_string(static_cast<int>(page.width)) + " × " +
                std::to_string(static_cast<int>(page.height)) +
                " pixels is too large for a PNG; write it as .svg or .html");
  draw(picture.get(), surface, page);
  std::string png;
  ATTN_CHECK(cairo_surface_write_to_png_stream(surface.get(), append, &png) ==
             CAIRO_STATUS_SUCCESS);
  return png;
}

}  // namespace attn
