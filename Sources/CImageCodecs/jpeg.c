#include "CImageCodecs.h"
#include "common.h"

#include <setjmp.h>
// jpeglib.h needs stdio.h before it, which common.h includes.
#include <jpeglib.h>

#include <jerror.h>

/// More scans than any encoder writes; a hostile file could ask for a pass over the whole picture in every few bytes.
#define MOST_SCANS 100

typedef struct {
    struct jpeg_decompress_struct decompressor;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    ftc_codec_status status;
    char *message;
} jpeg_reader;

_Noreturn static void fail(jpeg_reader *reader, ftc_codec_status status, const char *text) {
    reader->status = ftc_report(reader->message, status, text);
    longjmp(reader->failed, 1);
}

static ftc_codec_status status_of(int code) {
    switch (code) {
    case JWRN_JPEG_EOF:
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY:
        return FTC_CODEC_TRUNCATED;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
        return FTC_CODEC_UNSUPPORTED;
    default:
        return FTC_CODEC_DAMAGED;
    }
}

_Noreturn static void fail_as_the_library_says(j_common_ptr common) {
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    fail(common->client_data, status_of(common->err->msg_code), text);
}

/// The library warns and goes on with gray where picture data are missing or wrong; that is an error here. It also
/// warns of things that leave every pixel as it was meant, and those pass.
static void take_message(j_common_ptr common, int level) {
    if (level >= 0) return;
    switch (common->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
        return;
    default:
        fail_as_the_library_says(common);
    }
}

static void print_nothing(j_common_ptr common) { (void)common; }

static void count_scans(j_common_ptr common) {
    if (((j_decompress_ptr)common)->input_scan_number > MOST_SCANS)
        fail(common->client_data, FTC_CODEC_DAMAGED, "more than 100 scans");
}

static void read_header(jpeg_reader *reader, const uint8_t *bytes, size_t count, ftc_picture_layout *layout) {
    j_decompress_ptr decompressor = &reader->decompressor;
    decompressor->err = jpeg_std_error(&reader->errors);
    decompressor->client_data = reader;
    reader->errors.error_exit = fail_as_the_library_says;
    reader->errors.emit_message = take_message;
    reader->errors.output_message = print_nothing;
    jpeg_create_decompress(decompressor);
    reader->progress.progress_monitor = count_scans;
    decompressor->progress = &reader->progress;
    jpeg_mem_src(decompressor, bytes, count);
    jpeg_read_header(decompressor, TRUE);
    int components = decompressor->num_components;
    if (components != 1 && components != 3 && components != 4)
        fail(reader, FTC_CODEC_UNSUPPORTED, "neither 1, 3 nor 4 color components");
    decompressor->out_color_space = components == 4 ? JCS_CMYK : JCS_RGB;
    layout->width = decompressor->image_width;
    layout->height = decompressor->image_height;
    layout->scratch_bytes = components == 4 ? (uint64_t)layout->width * 4 : 0;
    layout->divisor = 1;
}

void ftc_jpeg_divide(ftc_picture_layout *layout, uint32_t divisor) {
    bool inks = layout->scratch_bytes > 0;
    // In 64 bits: a width may be close to the largest number.
    layout->width = (uint32_t)(((uint64_t)layout->width + divisor - 1) / divisor);
    layout->height = (uint32_t)(((uint64_t)layout->height + divisor - 1) / divisor);
    layout->scratch_bytes = inks ? (uint64_t)layout->width * 4 : 0;
    layout->divisor = divisor;
}

/// As Pillow does: inks are stored inverted (what Adobe's programs write), and paper shows through ink and black.
static void convert_inverted_inks(const uint8_t *inks, size_t count, uint8_t *rgb) {
    for (size_t pixel = 0; pixel < count; pixel++, inks += 4, rgb += 3) {
        uint32_t light = inks[3];
        for (int channel = 0; channel < 3; channel++)
            rgb[channel] = (uint8_t)(light - ftc_divided_by_255((255u - inks[channel]) * light));
    }
}

static void read_pixels(jpeg_reader *reader, const ftc_picture_layout *layout, uint8_t *rgb, uint8_t *scratch) {
    j_decompress_ptr decompressor = &reader->decompressor;
    bool inks = decompressor->out_color_space == JCS_CMYK;
    decompressor->scale_num = 1;
    decompressor->scale_denom = layout->divisor;
    jpeg_start_decompress(decompressor);
    if (decompressor->output_width != layout->width || decompressor->output_height != layout->height)
        fail(reader, FTC_CODEC_UNSUPPORTED, "its library scales to another size");
    while (decompressor->output_scanline < layout->height) {
        uint8_t *target = rgb + (size_t)decompressor->output_scanline * layout->width * 3;
        JSAMPROW row = inks ? scratch : target;
        if (jpeg_read_scanlines(decompressor, &row, 1) == 1 && inks)
            convert_inverted_inks(scratch, layout->width, target);
    }
    jpeg_finish_decompress(decompressor);
}

/// Reads the header, and the pixels too where `expected` is given; false after an error.
static bool read_file(jpeg_reader *reader, const uint8_t *bytes, size_t count, ftc_picture_layout *layout,
                      const ftc_picture_layout *expected, uint8_t *rgb, uint8_t *scratch) {
    if (setjmp(reader->failed)) return false;
    read_header(reader, bytes, count, layout);
    if (!expected) return true;
    ftc_jpeg_divide(layout, expected->divisor);
    if (!ftc_same_layout(layout, expected)) {
        reader->status = ftc_report_change(reader->message);
        return false;
    }
    read_pixels(reader, expected, rgb, scratch);
    return true;
}

ftc_codec_status ftc_jpeg_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message) {
    jpeg_reader reader = {.message = message};
    bool done = read_file(&reader, bytes, count, layout, NULL, NULL, NULL);
    jpeg_destroy_decompress(&reader.decompressor);
    return done ? FTC_CODEC_OK : reader.status;
}

ftc_codec_status ftc_jpeg_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                 uint8_t *scratch, char *message) {
    jpeg_reader reader = {.message = message};
    ftc_picture_layout found;
    bool done = read_file(&reader, bytes, count, &found, layout, rgb, scratch);
    jpeg_destroy_decompress(&reader.decompressor);
    return done ? FTC_CODEC_OK : reader.status;
}
