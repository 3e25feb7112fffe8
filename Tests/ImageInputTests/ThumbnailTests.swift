import Foundation
import Tensors
import Testing

@testable import ImageInput

@Suite("Thumbnails")
struct ThumbnailTests {
    private func picture(_ width: Int, _ height: Int) -> Picture {
        // Smooth, so that a JPEG keeps it nearly.
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width { pixels += [UInt8(255 * x / width), UInt8(255 * y / height), 128] }
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    @Test("are JPEG files that are read back", arguments: [(1, 1), (7, 300), (256, 200), (17, 9)])
    func roundTrip(width: Int, height: Int) throws {
        let original = picture(width, height)
        let file = original.jpegFile(quality: 95)
        #expect(file.withUnsafeBytes { ImageFormat(recognizing: $0) } == .jpeg)
        let read = try ImageDecoder().decode(file)
        #expect(read.width == width && read.height == height)
        let differences = zip(read.pixels, original.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) <= 6 * differences.count)
        #expect(original.jpegFile(quality: 20).count <= file.count)
    }

    @Test("are PNG files with the same pixels", arguments: [(1, 1), (7, 300), (256, 200)])
    func png(width: Int, height: Int) throws {
        let original = picture(width, height)
        #expect(try ImageDecoder().decode(original.pngFile()) == original)
    }

    @Test("stand in rows, and what is missing leaves its square empty")
    func grid() {
        let dot = Picture(width: 1, height: 1, pixels: [1, 2, 3])
        let grid = Picture.grid([dot, nil, dot, nil, dot], columns: 2, side: 3, gray: 0)
        #expect((grid.width, grid.height) == (6, 9))
        let places = (0..<54).filter { grid.pixels[$0 * 3] == 1 }
        #expect(places == [7, 25, 43])
    }

    @Test("fit into their square and keep their proportions, and small pictures their size")
    func sizes() throws {
        for (width, height, small) in [
            (400, 200, (160, 80)), (200, 401, (80, 160)), (161, 161, (160, 160)), (3000, 2, (160, 1)),
        ] {
            let made = try Picture.thumbnail(of: picture(width, height).jpegFile(), side: 160)
            #expect((made.width, made.height) == small)
        }
        #expect(try Picture.thumbnail(of: picture(160, 12).jpegFile(), side: 160).height == 12)
        #expect(throws: InputError.self) { try Picture.thumbnail(of: Data("no picture".utf8), side: 160) }
    }

    @Test("look as their pictures do")
    func content() throws {
        let (large, small) = (picture(400, 300), picture(80, 60))
        let made = try Picture.thumbnail(of: large.jpegFile(quality: 95), side: 80)
        let differences = zip(made.pixels, small.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) <= 5 * differences.count)
    }

    @Test("stand in a row, each in the middle of its square")
    func strip() {
        let red = Picture(width: 2, height: 4, pixels: Array([[UInt8]](repeating: [255, 0, 0], count: 8).joined()))
        let blue = Picture(width: 3, height: 1, pixels: Array([[UInt8]](repeating: [0, 0, 255], count: 3).joined()))
        let strip = Picture.strip([red, blue], side: 4, gray: 9)
        #expect((strip.width, strip.height) == (8, 4))
        func color(_ x: Int, _ y: Int) -> [UInt8] { Array(strip.pixels[(y * 8 + x) * 3..<(y * 8 + x) * 3 + 3]) }
        for y in 0..<4 {
            for x in 0..<8 {
                let expected: [UInt8] =
                    (1...2).contains(x) ? [255, 0, 0] : (4...6).contains(x) && y == 1 ? [0, 0, 255] : [9, 9, 9]
                #expect(color(x, y) == expected)
            }
        }
    }
}
