import Tensors
import Testing

@testable import ImageInput

/// The whole picture resampled in floating point, straight from the definition, and cropped afterwards.
private struct NaiveResampler {
    let interpolation: Interpolation

    /// `values` is `[count, length]`; the result is `[count, resized]`, rounded to bytes.
    private func resampled(_ values: [[Double]], to resized: Int) -> [[Double]] {
        values.map { row in
            let scale = Double(row.count) / Double(resized)
            let stretch = max(scale, 1)
            return (0..<resized).map { output in
                let center = (Double(output) + 0.5) * scale
                let weights = row.indices.map { interpolation.weight(at: (Double($0) + 0.5 - center) / stretch) }
                let sum = zip(weights, row).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
                return min(max(sum.rounded(), 0), 255)
            }
        }
    }

    private func transposed(_ rows: [[Double]]) -> [[Double]] {
        rows[0].indices.map { column in rows.map { $0[column] } }
    }

    /// `[height][width]` of one channel of the resized picture.
    func resized(_ picture: Picture, channel: Int, width: Int, height: Int) -> [[Double]] {
        let rows = (0..<picture.height).map { y in
            (0..<picture.width).map { x in Double(picture.pixels[3 * (y * picture.width + x) + channel]) }
        }
        return transposed(resampled(transposed(resampled(rows, to: width)), to: height))
    }
}

@Suite("Resampling the crop")
struct CropResamplingTests {
    private static func noise(width: Int, height: Int, seed: UInt64) -> Picture {
        var random = SeededGenerator(seed: seed)
        let pixels = (0..<width * height * 3).map { _ in UInt8(random.index(below: 256)) }
        return Picture(width: width, height: height, pixels: pixels)
    }

    /// Sizes that shrink, grow, keep their size, are padded, and are wide and tall.
    static let sizes = [(61, 47), (47, 61), (20, 20), (9, 7), (7, 40), (200, 11), (1, 1), (1, 30)]

    /// Filters without jumps: where a jump falls on a pixel's center, rounding decides.
    static let smooth: [Interpolation] = [.bilinear, .bicubic, .hamming, .lanczos]

    @Test("equals the naive resampler, up to rounding", arguments: smooth, sizes)
    func naive(interpolation: Interpolation, size: (Int, Int)) {
        let picture = Self.noise(width: size.0, height: size.1, seed: 5)
        let (crop, side) = (17, 20)
        let result = picture.resizedCrop(shorterSide: side, width: crop, height: crop, interpolation: interpolation)
        let (width, height) = Resizing.size(
            width: picture.width, height: picture.height, withShorterSide: side)
        let (x, y) = (CropSpan(of: crop, in: width), CropSpan(of: crop, in: height))
        for channel in 0..<3 {
            let expected = NaiveResampler(interpolation: interpolation)
                .resized(picture, channel: channel, width: width, height: height)
            for (row, from) in y.visible.enumerated() {
                for (column, source) in x.visible.enumerated() {
                    let value = Double(result.pixels[3 * (row * crop + column) + channel])
                    #expect(abs(value - expected[from][source]) <= 1, "\(size), \(column), \(row), \(channel)")
                }
            }
        }
    }

    @Test("gives the same bytes without wide vectors", arguments: Interpolation.allCases, sizes)
    func portable(interpolation: Interpolation, size: (Int, Int)) {
        let picture = Self.noise(width: size.0, height: size.1, seed: 6)
        func crop(portable: Bool) -> Picture {
            picture.resizedCrop(
                shorterSide: 23, width: 22, height: 19, interpolation: interpolation, portable: portable)
        }
        #expect(crop(portable: true) == crop(portable: false))
    }

    @Test("a picture of the right size is only cropped", arguments: Interpolation.allCases)
    func identity(interpolation: Interpolation) {
        let picture = Self.noise(width: 30, height: 20, seed: 7)
        let crop = picture.resizedCrop(shorterSide: 20, width: 30, height: 20, interpolation: interpolation)
        #expect(crop == picture)
    }

    @Test("a crop larger than the resized picture is padded with zeros")
    func padding() {
        let white = Picture(width: 4, height: 2, pixels: [UInt8](repeating: 255, count: 24))
        let crop = white.resizedCrop(shorterSide: 2, width: 7, height: 5, interpolation: .bilinear)
        for y in 0..<5 {
            for x in 0..<7 {
                let expected: UInt8 = (1..<5).contains(x) && (1..<3).contains(y) ? 255 : 0
                #expect(crop.pixels[3 * (7 * y + x)] == expected, "\(x), \(y)")
            }
        }
    }

    @Test("the longer side is truncated")
    func longerSide() {
        func size(_ width: Int, _ height: Int) -> [Int] {
            let size = Resizing.size(width: width, height: height, withShorterSide: 256)
            return [size.width, size.height]
        }
        #expect(size(500, 375) == [341, 256])
        #expect(size(375, 500) == [256, 341])
        #expect(size(10, 10) == [256, 256])
    }
}
