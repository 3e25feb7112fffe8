#include "CImageCodecs.h"
#include "common.h"

#include <string.h>
#include <webp/decode.h>

/// The bitstream to decode and where it lies on the canvas: the whole file, or the first frame of an animation.
typedef struct {
    const uint8_t *bytes;
    size_t count;
    uint32_t x, y, width, height;
    bool alpha;
} webp_frame;

static uint32_t little_endian(const uint8_t *bytes, int count) {
    uint32_t value = 0;
    for (int index = count - 1; index >= 0; index--) value = value << 8 | bytes[index];
    return value;
}

static ftc_codec_status report_status(VP8StatusCode code, char *message) {
    switch (code) {
    case VP8_STATUS_OK:
        return FTC_CODEC_OK;
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
        return ftc_report(message, FTC_CODEC_TRUNCATED, "the data end within the picture");
    case VP8_STATUS_OUT_OF_MEMORY:
        return ftc_report(message, FTC_CODEC_UNSUPPORTED, "not enough memory for libwebp");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return ftc_report(message, FTC_CODEC_UNSUPPORTED, "a feature that libwebp does not know");
    default:
        return ftc_report(message, FTC_CODEC_DAMAGED, "a bitstream error");
    }
}

/// Finds the first ANMF chunk; `end` is where the RIFF container ends.
static ftc_codec_status find_first_frame(const uint8_t *bytes, size_t end, webp_frame *frame, char *message) {
    size_t offset = 12;
    while (end - offset >= 8) {
        size_t length = little_endian(bytes + offset + 4, 4), rest = end - offset - 8;
        const uint8_t *chunk = bytes + offset + 8;
        if (length > rest) break;
        if (memcmp(bytes + offset, "ANMF", 4) == 0) {
            if (length < 16) return ftc_report(message, FTC_CODEC_DAMAGED, "a frame without a header");
            frame->x = 2 * little_endian(chunk, 3);
            frame->y = 2 * little_endian(chunk + 3, 3);
            frame->bytes = chunk + 16;
            frame->count = length - 16;
            return FTC_CODEC_OK;
        }
        size_t padded = length + (length & 1);
        if (padded > rest) break;
        offset += 8 + padded;
    }
    return ftc_report(message, FTC_CODEC_DAMAGED, "an animation without frames");
}

static ftc_codec_status read_header(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, webp_frame *frame,
                                    char *message) {
    WebPBitstreamFeatures canvas, part;
    ftc_codec_status status = report_status(WebPGetFeatures(bytes, count, &canvas), message);
    if (status != FTC_CODEC_OK) return status;
    if (count < 12) return report_status(VP8_STATUS_NOT_ENOUGH_DATA, message);
    uint64_t end = 8 + (uint64_t)little_endian(bytes + 4, 4);
    if (end > count) return report_status(VP8_STATUS_NOT_ENOUGH_DATA, message);
    *frame = (webp_frame){.bytes = bytes, .count = count};
    if (canvas.has_animation) {
        status = find_first_frame(bytes, end < 12 ? 12 : (size_t)end, frame, message);
        if (status != FTC_CODEC_OK) return status;
    }
    status = report_status(WebPGetFeatures(frame->bytes, frame->count, &part), message);
    if (status != FTC_CODEC_OK) return status;
    frame->width = (uint32_t)part.width;
    frame->height = (uint32_t)part.height;
    frame->alpha = part.has_alpha || canvas.has_animation;
    layout->width = (uint32_t)canvas.width;
    layout->height = (uint32_t)canvas.height;
    layout->scratch_bytes = frame->alpha ? (uint64_t)frame->width * frame->height * 4 : 0;
    if ((uint64_t)frame->x + frame->width > layout->width || (uint64_t)frame->y + frame->height > layout->height)
        return ftc_report(message, FTC_CODEC_DAMAGED, "a frame that leaves the canvas");
    return FTC_CODEC_OK;
}

static ftc_codec_status decode_frame(const webp_frame *frame, uint8_t *target, size_t target_bytes, char *message) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return ftc_report(message, FTC_CODEC_UNSUPPORTED, "libwebp is of another version than its header");
    config.output.colorspace = frame->alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = target;
    config.output.u.RGBA.stride = (int)(frame->width * (frame->alpha ? 4 : 3));
    config.output.u.RGBA.size = target_bytes;
    VP8StatusCode code = WebPDecode(frame->bytes, frame->count, &config);
    WebPFreeDecBuffer(&config.output);
    return report_status(code, message);
}

ftc_codec_status ftc_webp_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message) {
    webp_frame frame;
    return read_header(bytes, count, layout, &frame, message);
}

ftc_codec_status ftc_webp_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                 uint8_t *scratch, char *message) {
    ftc_picture_layout found;
    webp_frame frame;
    ftc_codec_status status = read_header(bytes, count, &found, &frame, message);
    if (status != FTC_CODEC_OK) return status;
    if (!ftc_same_layout(&found, layout)) return ftc_report_change(message);
    size_t width = layout->width, bytes_of_picture = width * layout->height * 3;
    if (!frame.alpha) return decode_frame(&frame, rgb, bytes_of_picture, message);
    status = decode_frame(&frame, scratch, layout->scratch_bytes, message);
    if (status != FTC_CODEC_OK) return status;
    memset(rgb, 255, bytes_of_picture);
    for (size_t y = 0; y < frame.height; y++)
        ftc_lay_on_white(scratch + y * frame.width * 4, frame.width, rgb + ((frame.y + y) * width + frame.x) * 3);
    return FTC_CODEC_OK;
}
