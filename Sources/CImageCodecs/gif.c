#include "CImageCodecs.h"
#include "common.h"

#include <gif_lib.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    size_t count;
    size_t position;
} gif_source;

static int take_bytes(GifFileType *file, GifByteType *target, int wanted) {
    gif_source *source = file->UserData;
    size_t rest = source->count - source->position;
    size_t taken = (size_t)wanted < rest ? (size_t)wanted : rest;
    memcpy(target, source->bytes + source->position, taken);
    source->position += taken;
    return (int)taken;
}

static ftc_codec_status report_error(int error, char *message) {
    const char *text = GifErrorString(error);
    bool ended = error == D_GIF_ERR_READ_FAILED || error == D_GIF_ERR_EOF_TOO_SOON;
    return ftc_report(message, ended ? FTC_CODEC_TRUNCATED : FTC_CODEC_DAMAGED, text ? text : "an unknown error");
}

/// Reads one extension; `*transparent` becomes the color index that a graphics control names, or stays as it is.
static bool read_extension(GifFileType *file, int *transparent) {
    int code;
    GifByteType *block;
    if (DGifGetExtension(file, &code, &block) == GIF_ERROR) return false;
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        *transparent = control.TransparentColor;
    while (block) {
        if (DGifGetExtensionNext(file, &block) == GIF_ERROR) return false;
    }
    return true;
}

/// Reads up to the first frame's pixels. The canvas is the screen, enlarged where the frame is larger.
static ftc_codec_status read_header(GifFileType *file, ftc_picture_layout *layout, int *transparent, char *message) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    *transparent = NO_TRANSPARENT_COLOR;
    while (type != IMAGE_DESC_RECORD_TYPE) {
        if (DGifGetRecordType(file, &type) == GIF_ERROR) return report_error(file->Error, message);
        if (type == TERMINATE_RECORD_TYPE) return ftc_report(message, FTC_CODEC_DAMAGED, "no frame");
        if (type == EXTENSION_RECORD_TYPE && !read_extension(file, transparent))
            return report_error(file->Error, message);
    }
    if (DGifGetImageDesc(file) == GIF_ERROR) return report_error(file->Error, message);
    GifImageDesc frame = file->Image;
    if (frame.Width <= 0 || frame.Height <= 0) return ftc_report(message, FTC_CODEC_DAMAGED, "an empty frame");
    int right = frame.Left + frame.Width, bottom = frame.Top + frame.Height;
    layout->width = (uint32_t)(right > file->SWidth ? right : file->SWidth);
    layout->height = (uint32_t)(bottom > file->SHeight ? bottom : file->SHeight);
    layout->scratch_bytes = (uint64_t)frame.Width;
    return FTC_CODEC_OK;
}

static bool paint_row(const uint8_t *indices, int count, const ColorMapObject *colors, int transparent, uint8_t *rgb) {
    for (int x = 0; x < count; x++, rgb += 3) {
        if (indices[x] == transparent) continue;
        if (indices[x] >= colors->ColorCount) return false;
        GifColorType color = colors->Colors[indices[x]];
        rgb[0] = color.Red;
        rgb[1] = color.Green;
        rgb[2] = color.Blue;
    }
    return true;
}

static ftc_codec_status read_pixels(GifFileType *file, const ftc_picture_layout *layout, int transparent, uint8_t *rgb,
                                    uint8_t *scratch, char *message) {
    GifImageDesc frame = file->Image;
    const ColorMapObject *colors = frame.ColorMap ? frame.ColorMap : file->SColorMap;
    if (!colors) return ftc_report(message, FTC_CODEC_DAMAGED, "no palette");
    static const int first_rows[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    size_t width = layout->width;
    memset(rgb, 255, width * layout->height * 3);
    for (int pass = 0; pass < (frame.Interlace ? 4 : 1); pass++) {
        int first = frame.Interlace ? first_rows[pass] : 0, step = frame.Interlace ? steps[pass] : 1;
        for (int y = first; y < frame.Height; y += step) {
            if (DGifGetLine(file, scratch, frame.Width) == GIF_ERROR) return report_error(file->Error, message);
            uint8_t *target = rgb + ((size_t)(frame.Top + y) * width + (size_t)frame.Left) * 3;
            if (!paint_row(scratch, frame.Width, colors, transparent, target))
                return ftc_report(message, FTC_CODEC_DAMAGED, "a color beyond the palette");
        }
    }
    return FTC_CODEC_OK;
}

/// Steps over data sub-blocks; false where the bytes end first.
static bool skip_blocks(gif_source *source) {
    while (source->position < source->count) {
        size_t length = source->bytes[source->position++];
        if (length == 0) return true;
        if (length > source->count - source->position) return false;
        source->position += length;
    }
    return false;
}

/// Steps over what follows the first frame, up to the trailer: a file that was cut between frames is a damaged one.
static ftc_codec_status read_to_trailer(gif_source *source, char *message) {
    while (source->position < source->count) {
        size_t rest = source->count - source->position;
        const uint8_t *block = source->bytes + source->position;
        if (block[0] == ';') return FTC_CODEC_OK;
        size_t header;
        if (block[0] == '!') {
            header = 2;
        } else if (block[0] == ',') {
            if (rest < 10) break;
            header = 11 + ((block[9] & 0x80) ? (size_t)3 << ((block[9] & 7) + 1) : 0);
        } else {
            return ftc_report(message, FTC_CODEC_DAMAGED, "an unknown block after the first frame");
        }
        if (header > rest) break;
        source->position += header;
        if (!skip_blocks(source)) break;
    }
    return report_error(D_GIF_ERR_EOF_TOO_SOON, message);
}

/// Reads the header, and the pixels too where `expected` is given.
static ftc_codec_status read_file(const uint8_t *bytes, size_t count, ftc_picture_layout *layout,
                                  const ftc_picture_layout *expected, uint8_t *rgb, uint8_t *scratch, char *message) {
    gif_source source = {.bytes = bytes, .count = count};
    int error = 0, transparent;
    GifFileType *file = DGifOpen(&source, take_bytes, &error);
    if (!file) return report_error(error, message);
    ftc_codec_status status = read_header(file, layout, &transparent, message);
    if (status == FTC_CODEC_OK && expected) {
        status = ftc_same_layout(layout, expected) ? read_pixels(file, expected, transparent, rgb, scratch, message)
                                                   : ftc_report_change(message);
        if (status == FTC_CODEC_OK) status = read_to_trailer(&source, message);
    }
    DGifCloseFile(file, &error);
    return status;
}

ftc_codec_status ftc_gif_layout(const uint8_t *bytes, size_t count, ftc_picture_layout *layout, char *message) {
    return read_file(bytes, count, layout, NULL, NULL, NULL, message);
}

ftc_codec_status ftc_gif_decode(const uint8_t *bytes, size_t count, const ftc_picture_layout *layout, uint8_t *rgb,
                                uint8_t *scratch, char *message) {
    ftc_picture_layout found;
    return read_file(bytes, count, &found, layout, rgb, scratch, message);
}
