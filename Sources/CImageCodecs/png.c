#include "CImageCodecs.h"
#include "common.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

typedef struct {
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t count;
    size_t position;
    jmp_buf failed;
    ftc_codec_status status;
    char *message;
} png_reader;

_Noreturn static void fail(png_structp png, png_const_charp text) {
    png_reader *reader = png_get_error_ptr(png);
    // The reading function below has set a status of its own where the bytes ended.
    if (reader->status == FTC_CODEC_OK) reader->status = FTC_CODEC_DAMAGED;
    ftc_report(reader->message, reader->status, text);
    longjmp(reader->failed, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void take_bytes(png_structp png, png_bytep target, size_t wanted) {
    png_reader *reader = png_get_io_ptr(png);
    if (wanted > reader->count - reader->position) {
        reader->status = FTC_CODEC_TRUNCATED;
        png_error(png, "the data end within a chunk");
    }
    memcpy(target, reader->bytes + reader->position, wanted);
    reader->position += wanted;
}

static bool has_alpha(const png_reader *reader) {
    return (png_get_color_type(reader->png, reader->info) & PNG_COLOR_MASK_ALPHA) != 0 ||
           png_get_valid(reader->png, reader->info, PNG_INFO_tRNS) != 0;
}

/// Reads up to the first pixel and asks for 8-bit RGB or RGBA.
static void read_header(png_reader *reader, ftc_picture_layout *layout) {
    png_structp png = reader->png;
    png_set_read_fn(png, reader, take_bytes);
    // The caller limits the number of pixels; the library's limit of a million columns is in the way.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // Chunks that change no pixel but can be large once they are inflated.
    static const png_byte skipped[] = "iCCP\0zTXt\0iTXt\0tEXt";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, (int)(sizeof skipped / 5));
    png_read_info(png, reader->info);
    bool alpha = has_alpha(reader), interlaced = png_get_interlace_type(png, reader->info) != PNG_INTERLACE_NONE;
    layout->width = png_get_image_width(png, reader->info);
    layout->height = png_get_image_height(png, reader->info);
    layout->scratch_bytes = alpha ? (uint64_t)layout->width * 4 * (interlaced ? layout->height : 1) : 0;
    png_set_scale_16(png);
    png_set_expand(png);
    png_set_gray_to_rgb(png);
}

static void read_pixels(png_reader *reader, const ftc_picture_layout *layout, uint8_t *rgb, uint8_t *scratch) {
    png_structp png = reader->png;
    size_t width = layout->width, height = layout->height;
    bool alpha = has_alpha(reader);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    if (png_get_rowbytes(png, reader->info) != width * (alpha ? 4 : 3)) png_error(png, "an unexpected row size");
    for (int pass = 0; pass < passes; pass++) {
        for (size_t y = 0; y < height; y++) {
            uint8_t *target = rgb + y * width * 3;
            uint8_t *row = !alpha ? target : passes > 1 ? scratch + y * width * 4 : scratch;
            png_read_row(png, row, NULL);
            if (alpha && pass == passes - 1) ftc_lay_on_white(row, width, target);
        }
    }
    png_read_end(png, NULL);
}

/// Reads the header, and the pixels too where `expected` is given; false after an error.
static bool read_chunks(png_reader *reader, ftc_picture_layout *layout, const ftc_picture_layout *expected,
                        uint8_t *rgb, uint8_t *scratch) {
    if (setjmp(reader->failed)) return false;
    read_header(reader, layout);
    if (!expected) return true;
    if (!ftc_same_layout(layout, expected)) {
        reader->status = ftc_report_change(reader->message);
        return false;
    }
    read_pixels(reader, expected, rgb, scratch);
    return true;
}

static ftc_codec_status read_file(const uint8_t *bytes, size_t count, ftc_picture_layout *layout,
                                  const ftc_picture_layout *expected, uint8_t *rgb, uint8_t *scratch, char *message) {
    png_reader reader = {.bytes = bytes, .count = count, .message = message};
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, fail, ignore_warning);
    reader.info = reader.png ? png_create_info_struct(reader.png) : NULL;
    bool done = false;
    if (reader.info)
        done = read_chunks(&reader, layout, expected, rgb, scratch);
    else
        reader.status = ftc_report(message, FTC_CODEC_UNSUPPORTED, "libpng cannot be started");
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    return done ? FTC_CODEC_OK : reader.status;
}

ftc_codec_status ftc_png_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message) {
    return read_file(bytes, count, layout, NULL, NULL, NULL, message);
}

ftc_codec_status ftc_png_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                uint8_t *scratch, char *message) {
    ftc_picture_layout found;
    return read_file(bytes, count, &found, layout, rgb, scratch, message);
}
