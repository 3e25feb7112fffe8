import Testing

@testable import ImageInput

@Suite("Turning pictures upright")
struct OrientationTests {
    /// Numbers the pixels of `[0 1 2; 3 4 5]`.
    private static let stored = Picture(width: 3, height: 2, pixels: (0..<6).flatMap { [$0, $0, $0] })

    @Test(
        "each EXIF orientation, as PIL.ImageOps.exif_transpose turns it",
        arguments: [
            (1, 3, [0, 1, 2, 3, 4, 5]), (2, 3, [2, 1, 0, 5, 4, 3]), (3, 3, [5, 4, 3, 2, 1, 0]),
            (4, 3, [3, 4, 5, 0, 1, 2]), (5, 2, [0, 3, 1, 4, 2, 5]), (6, 2, [3, 0, 4, 1, 5, 2]),
            (7, 2, [5, 2, 4, 1, 3, 0]), (8, 2, [2, 5, 1, 4, 0, 3]),
        ] as [(Int, Int, [UInt8])])
    func turned(value: Int, width: Int, expected: [UInt8]) throws {
        let upright = Self.stored.turnedUpright(from: try #require(Orientation(rawValue: value)))
        #expect(upright.width == width && upright.height == 6 / width)
        #expect(upright.pixels == expected.flatMap { [$0, $0, $0] })
    }

    @Test("a picture larger than a tile keeps every pixel", arguments: Orientation.allCases)
    func large(orientation: Orientation) {
        let (width, height) = (130, 67)
        let picture = Picture(width: width, height: height, pixels: (0..<width * height * 3).map { UInt8($0 % 251) })
        let upright = picture.turnedUpright(from: orientation)
        let (start, stepX, stepY) = orientation.walk(width: width, height: height)
        for y in 0..<upright.height {
            for x in 0..<upright.width {
                let (from, to) = (3 * (start + x * stepX + y * stepY), 3 * (y * upright.width + x))
                guard Array(picture.pixels[from..<from + 3]) == Array(upright.pixels[to..<to + 3]) else {
                    Issue.record("pixel \(x), \(y)")
                    return
                }
            }
        }
        let undo: Orientation =
            switch orientation {
            case .needsClockwiseTurn: .needsCounterclockwiseTurn
            case .needsCounterclockwiseTurn: .needsClockwiseTurn
            default: orientation
            }
        #expect(upright.turnedUpright(from: undo) == picture)
    }
}
