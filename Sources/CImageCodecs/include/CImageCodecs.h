/// Decoders for JPEG, PNG, WebP and GIF over the system's libraries, and the inner loops of Pillow's resampling.
///
/// Decoding takes two calls, so that the caller can refuse a size before anything is allocated for it: `..._layout`
/// reads the header, `..._decode` fills memory that the caller owns. Nothing is kept between the calls. Errors of the
/// libraries that are raised by longjmp end inside these functions.
#ifndef FINETUNER_CACHE_IMAGE_CODECS_H
#define FINETUNER_CACHE_IMAGE_CODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes of the buffer that receives a message, with its final zero.
#define FTC_CODEC_MESSAGE_CAPACITY 200

/// How a call ended. Any but the first leaves a message.
typedef enum {
    FTC_CODEC_OK = 0,
    /// The file ends before its picture does.
    FTC_CODEC_TRUNCATED = 1,
    /// The file contradicts its format.
    FTC_CODEC_DAMAGED = 2,
    /// The file is a legal one of a kind that is not read.
    FTC_CODEC_UNSUPPORTED = 3,
} ftc_codec_status;

/// What a header says, and the memory that decoding needs beside the picture.
typedef struct {
    uint32_t width;
    uint32_t height;
    /// Cannot overflow: at most four bytes for each of at most (2^31 - 1)^2 pixels.
    uint64_t scratch_bytes;
    /// Only of JPEG files: width and height are the header's divided by this, rounded up.
    uint32_t divisor;
} ftc_picture_layout;

/// Reads the size that the header gives; `message` has room for FTC_CODEC_MESSAGE_CAPACITY bytes.
ftc_codec_status ftc_jpeg_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message);
ftc_codec_status ftc_png_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message);
ftc_codec_status ftc_webp_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message);
ftc_codec_status ftc_gif_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message);

/// Makes a layout of `ftc_jpeg_layout` that of the same picture decoded at 1 / `divisor` of its size; 1, 2, 4 or 8.
void ftc_jpeg_divide(ftc_picture_layout *layout, uint32_t divisor);

/// Decodes to `rgb`, `height * width * 3` bytes, rows from the top. `layout` is what `..._layout` gave for the same
/// bytes and `scratch` has its `scratch_bytes`. Transparent parts lie on white; of an animation the first frame is
/// taken.
ftc_codec_status ftc_jpeg_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                 uint8_t *scratch, char *message);
ftc_codec_status ftc_png_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                uint8_t *scratch, char *message);
ftc_codec_status ftc_webp_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                 uint8_t *scratch, char *message);
ftc_codec_status ftc_gif_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                uint8_t *scratch, char *message);

/// Encodes `height` rows of `width` RGB pixels, at least one and at most 65,500 each, as a baseline JPEG file of a quality of 1 to 100 as
/// libjpeg counts it. The caller frees the bytes with `ftc_jpeg_free`. NULL where memory is lacking.
uint8_t *ftc_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, size_t *count);
void ftc_jpeg_free(uint8_t *bytes);
/// The same as a PNG file, which keeps every pixel; freed with `ftc_png_free`. NULL where memory is lacking.
uint8_t *ftc_png_encode(const uint8_t *rgb, uint32_t width, uint32_t height, size_t *count);
void ftc_png_free(uint8_t *bytes);

/// The weights of one axis: output `i` is the sum of `counts[i]` inputs from `starts[i]` on, each times its weight in
/// `weights[i * taps ...]`, 22 fraction bits, rounded half up and clamped to a byte.
typedef struct {
    const int32_t *starts;
    const int32_t *counts;
    const int32_t *weights;
    size_t taps;
    size_t outputs;
} ftc_resampling_axis;

/// Resamples each of `rows` rows of RGB pixels along x. Strides are in bytes; `portable` keeps to the baseline
/// instruction set, with the same result.
void ftc_resample_horizontally(const uint8_t *source, size_t source_stride, size_t rows, ftc_resampling_axis axis,
                               uint8_t *target, size_t target_stride, bool portable);
/// Resamples rows of `row_bytes` bytes along y. Strides are in bytes.
void ftc_resample_vertically(const uint8_t *source, size_t source_stride, size_t row_bytes, ftc_resampling_axis axis,
                             uint8_t *target, size_t target_stride, bool portable);

#endif
