import Foundation
import ImageInput
import Tensors
import Testing

@Suite("Recognizing formats by content")
struct ImageFormatTests {
    @Test("each sample is recognized", arguments: SampleFile.all)
    func recognized(sample: SampleFile) {
        #expect(sample.bytes.withUnsafeBytes { ImageFormat(recognizing: $0) } == sample.format)
    }

    @Test(
        "what is no picture is described",
        arguments: [
            ([], "is empty (0 bytes)"),
            (Array("<!DOCTYPE html>\n<html>".utf8), "looks like text and begins with \"<!DOCTYPE html>\""),
            ([0x00, 0x01, 0xAB, 0x10], "begins with the bytes 00 01 ab 10"),
            ([0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], "is a TIFF file"),
            ([0, 0, 0, 28] + Array("ftypavif".utf8), "is a HEIF or AVIF file"),
            (Array("RIFF\u{10}\0\0\0WAVE".utf8), "begins with the bytes 52 49 46 46"),
        ] as [([UInt8], String)])
    func described(bytes: [UInt8], fact: String) {
        let error = #expect(throws: InputError.self) { try ImageDecoder().decode(Data(bytes)) }
        #expect(error?.object == "picture")
        #expect(error?.fact.contains(fact) == true, "\(error?.fact ?? "")")
        #expect(error?.remedy == "Readable formats: JPEG, PNG, WebP, GIF and BMP")
    }
}
