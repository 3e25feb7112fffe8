#include "CImageCodecs.h"
#include "common.h"

#include <setjmp.h>
#include <stdlib.h>
// jpeglib.h needs stdio.h before it, which common.h includes.
#include <jpeglib.h>

typedef struct {
    struct jpeg_compress_struct compressor;
    struct jpeg_error_mgr errors;
    jmp_buf failed;
} jpeg_writer;

_Noreturn static void stop(j_common_ptr common) { longjmp(((jpeg_writer *)common->client_data)->failed, 1); }

static void print_nothing(j_common_ptr common) { (void)common; }

uint8_t *ftc_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, size_t *count) {
    unsigned char *volatile bytes = NULL;
    unsigned char *target = NULL;
    unsigned long length = 0;
    jpeg_writer writer;
    writer.compressor.err = jpeg_std_error(&writer.errors);
    writer.errors.error_exit = stop;
    writer.errors.output_message = print_nothing;
    jpeg_create_compress(&writer.compressor);
    writer.compressor.client_data = &writer;
    if (setjmp(writer.failed)) {
        jpeg_destroy_compress(&writer.compressor);
        free(bytes);
        return NULL;
    }
    jpeg_mem_dest(&writer.compressor, &target, &length);
    bytes = target;
    writer.compressor.image_width = width;
    writer.compressor.image_height = height;
    writer.compressor.input_components = 3;
    writer.compressor.in_color_space = JCS_RGB;
    jpeg_set_defaults(&writer.compressor);
    jpeg_set_quality(&writer.compressor, quality, TRUE);
    writer.compressor.optimize_coding = TRUE;
    jpeg_start_compress(&writer.compressor, TRUE);
    while (writer.compressor.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(rgb + (size_t)writer.compressor.next_scanline * width * 3);
        jpeg_write_scanlines(&writer.compressor, &row, 1);
    }
    jpeg_finish_compress(&writer.compressor);
    jpeg_destroy_compress(&writer.compressor);
    *count = length;
    return target;
}

void ftc_jpeg_free(uint8_t *bytes) { free(bytes); }
