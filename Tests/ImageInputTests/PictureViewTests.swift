import Tensors
import Testing

@testable import ImageInput

@Suite("Views of a picture")
struct PictureViewTests {
    /// Its red is the column, its green the row.
    private func ramp(width: Int, height: Int) -> Picture {
        Picture(
            width: width, height: height,
            pixels: (0..<height).flatMap { y in (0..<width).flatMap { x in [UInt8(x), UInt8(y), 0] } })
    }

    private func preprocessor(height: Int, width: Int) throws -> ImagePreprocessor {
        try ImagePreprocessor(
            resize: 32, cropHeight: height, cropWidth: width, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    }

    private let content = Fingerprint(of: Array("a".utf8))

    @Test("have names that are read back; others are not read")
    func names() {
        let views = PictureView.views(5, seed: 9)
        #expect(views.map(\.description) == ["center", "flip", "crop 2 seed 9", "crop 3 seed 9", "crop 4 seed 9"])
        #expect(views.map { PictureView($0.description) } == views)
        #expect(PictureView.views(1, seed: 9) == [.center])
        for text in ["", "crop", "crop 1 seed 0", "crop 2 seed -1", "crop 2  seed 0", "crop 2 seed 0 ", "Flip"] {
            #expect(PictureView(text) == nil)
        }
    }

    @Test("mirror the center")
    func flip() throws {
        let (picture, preprocessor) = (ramp(width: 60, height: 40), try preprocessor(height: 20, width: 24))
        let (plain, mirrored) = try (
            preprocessor.crop(of: picture), preprocessor.crop(of: picture, view: .flip, content: content)
        )
        #expect(try preprocessor.crop(of: picture, view: .center, content: content) == plain)
        for y in 0..<20 {
            for x in 0..<24 {
                let (from, to) = (3 * (y * 24 + x), 3 * (y * 24 + 23 - x))
                #expect(plain.pixels[from..<from + 3] == mirrored.pixels[to..<to + 3])
            }
        }
    }

    @Test("show a random part, the same for the same content, number and seed")
    func crops() throws {
        let (picture, preprocessor) = (ramp(width: 200, height: 120), try preprocessor(height: 30, width: 30))
        var parts: Set<Picture> = []
        var mirrored = 0
        for number in 2..<40 {
            let view = PictureView.crop(number: number, seed: 3)
            let crop = try preprocessor.crop(of: picture, view: view, content: content)
            #expect(try preprocessor.crop(of: picture, view: view, content: content) == crop)
            #expect(crop.width == 30 && crop.height == 30)
            parts.insert(crop)
            // Red rises from left to right within one part, or falls where it is mirrored; green always rises.
            let row = (0..<30).map { Int(crop.pixels[3 * $0]) }
            mirrored += row[0] > row[29] ? 1 : 0
            #expect(row == row.sorted() || row == row.sorted(by: >))
            let column = (0..<30).map { Int(crop.pixels[3 * 30 * $0 + 1]) }
            #expect(column == column.sorted())
            let (width, height) = (abs(row[29] - row[0]), column[29] - column[0])
            #expect(width * height > 200 * 120 / 20)
        }
        #expect(parts.count == 38 && (8...30).contains(mirrored))
        let other = Fingerprint(of: Array("b".utf8))
        let view = PictureView.crop(number: 2, seed: 3)
        #expect(
            try preprocessor.crop(of: picture, view: view, content: content)
                != preprocessor.crop(of: picture, view: view, content: other))
    }

    @Test(
        "have parts of allowed sizes, or the largest in the middle", arguments: [(64, 48), (1, 1), (1, 500), (300, 2)])
    func parts(width: Int, height: Int) {
        var generator = SeededGenerator(seed: 1)
        var areas: [Double] = []
        for _ in 0..<500 {
            let part = RandomCrop(ofWidth: width, height: height, using: &generator)
            #expect(part.x >= 0 && part.y >= 0 && part.width > 0 && part.height > 0)
            #expect(part.x + part.width <= width && part.y + part.height <= height)
            areas.append(Double(part.width * part.height) / Double(width * height))
        }
        guard width == 64 else { return }
        // Uniform in 0.08...1, less what does not fit.
        #expect(areas.allSatisfy { $0 > 0.07 } && areas.contains { $0 < 0.15 } && areas.contains { $0 > 0.85 })
    }
}
