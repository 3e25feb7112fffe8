import Foundation
import ImageInput
import Tensors
import Testing

@testable import finetuner_cache

@Suite("Pictures in the terminal")
struct TerminalGraphicsTests {
    private func picture(_ width: Int, _ height: Int) -> Picture {
        var generator = SeededGenerator(seed: 5)
        return Picture(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { _ in UInt8(generator.index(below: 256)) })
    }

    @Test("by kitty's protocol are the pixels, in pieces", arguments: [(1, 1), (40, 30), (96, 96)])
    func kitty(width: Int, height: Int) throws {
        let picture = picture(width, height)
        let pieces = TerminalGraphics.kitty.text(picture).components(separatedBy: "\u{1B}\\").dropLast()
        var data = ""
        for (number, piece) in pieces.enumerated() {
            let parts = piece.dropFirst(3).split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            #expect(piece.hasPrefix("\u{1B}_G") && parts[1].utf8.count <= 4096)
            #expect(parts[0].hasSuffix(number == pieces.count - 1 ? "m=0" : "m=1"))
            #expect(parts[0].contains("f=24,s=\(width),v=\(height)") == (number == 0))
            data += parts[1]
        }
        #expect(Data(base64Encoded: data).map(Array.init) == picture.pixels)
    }

    @Test("by iTerm's protocol are a JPEG file of the size that is said")
    func iterm() throws {
        let text = TerminalGraphics.iterm.text(picture(40, 30))
        let parts = text.dropFirst(2).dropLast().split(separator: ":")
        let data = try #require(Data(base64Encoded: String(parts[1])))
        #expect(text.hasPrefix("\u{1B}]1337;File=inline=1;size=\(data.count);") && text.hasSuffix("\u{07}"))
        #expect(try ImageDecoder().decode(data).width == 40)
    }

    @Test("as sixels are the pixels to within a step of a color", arguments: [(1, 1), (7, 13), (30, 6), (96, 50)])
    func sixels(width: Int, height: Int) throws {
        let picture = picture(width, height)
        let drawn = try #require(Self.draw(TerminalGraphics.sixel.text(picture), width, height))
        #expect(drawn.allSatisfy { $0 >= 0 })
        #expect(zip(drawn, picture.pixels).allSatisfy { abs($0 - Int($1)) <= 51 })
        // Over many pixels the pattern makes up for the steps.
        let gray = Picture(width: 64, height: 64, pixels: [UInt8](repeating: 77, count: 64 * 64 * 3))
        let mean = try #require(Self.draw(TerminalGraphics.sixel.text(gray), 64, 64)).reduce(0, +) / (64 * 64 * 3)
        #expect(abs(mean - 77) <= 2)
    }

    /// What a terminal makes of sixels; -1 where nothing was drawn, nil where it does not understand them.
    private static func draw(_ text: String, _ width: Int, _ height: Int) -> [Int]? {
        let start = "\u{1B}Pq\"1;1;\(width);\(height)"
        guard text.hasPrefix(start), text.hasSuffix("\u{1B}\\") else { return nil }
        var pixels = [Int](repeating: -1, count: width * height * 3)
        var (colors, color, x, top) = ([Int: [Int]](), 0, 0, 0)
        var rest = text.dropFirst(start.count).dropLast(2)
        func number() -> Int? {
            let digits = rest.prefix { $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return Int(digits)
        }
        while let character = rest.popFirst() {
            switch character {
            case "#":
                guard let found = number() else { return nil }
                color = found
                guard rest.first == ";" else { continue }
                var values: [Int] = []
                while rest.first == ";" {
                    rest = rest.dropFirst()
                    guard let value = number() else { return nil }
                    values.append(value)
                }
                colors[color] = values.dropFirst().map { $0 * 255 / 100 }
            case "$": x = 0
            case "-": (x, top) = (0, top + 6)
            default:
                var (count, sixel) = (1, character)
                if character == "!" {
                    guard let repeated = number(), let next = rest.popFirst() else { return nil }
                    (count, sixel) = (repeated, next)
                }
                guard let bits = sixel.asciiValue.map({ Int($0) - 63 }), (0..<64).contains(bits) else { return nil }
                for column in x..<x + count {
                    for row in 0..<6 where bits >> row & 1 == 1 {
                        guard column < width, top + row < height, let values = colors[color] else { return nil }
                        for channel in 0..<3 { pixels[((top + row) * width + column) * 3 + channel] = values[channel] }
                    }
                }
                x += count
            }
        }
        return pixels
    }

    @Test("are chosen by what the environment says of the terminal")
    func detection() throws {
        #expect(TerminalGraphics.detected(in: ["KITTY_WINDOW_ID": "1"]) == .kitty)
        #expect(TerminalGraphics.detected(in: ["TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"]) == .kitty)
        #expect(TerminalGraphics.detected(in: ["TERM_PROGRAM": "iTerm.app"]) == .iterm)
        #expect(TerminalGraphics.detected(in: ["TERM": "foot"]) == .sixel)
        #expect(TerminalGraphics.detected(in: ["TERM": "xterm-256color"]) == nil)
        #expect(try ThumbnailChoice.sixel.graphics(in: [:]) == .sixel)
        let unknown = #expect(throws: InputError.self) { try ThumbnailChoice.auto.graphics(in: ["TERM": "dumb"]) }
        #expect(unknown?.remedy.contains("--html") == true)
    }
}
