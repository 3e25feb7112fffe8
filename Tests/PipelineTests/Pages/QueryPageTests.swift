import Foundation
import ImageInput
import Tensors
import Testing

@testable import Pipeline

@Suite("A page of what was found")
struct QueryPageTests {
    private func found(_ rank: Int, _ label: String?, _ path: String) -> FoundPicture {
        FoundPicture(
            rank: rank, score: 1 - Float(rank) / 8, label: label, path: path, id: Fingerprint(of: Data(path.utf8)))
    }

    private func page(_ folder: TemporaryFolder, head: String = "h", label: String? = "cat") throws -> String {
        let paths = try (1...3).map { number in
            let path = folder.path("\(number).jpg")
            let pixels = [UInt8](repeating: UInt8(number * 60), count: 20 * 10 * 3)
            try Picture(width: 20, height: 10, pixels: pixels).jpegFile().write(to: URL(fileURLWithPath: path))
            return path
        }
        let raw = [found(1, "cat", paths[0]), found(2, "dog", paths[1]), found(3, nil, "/gone.jpg")]
        let tuned = [found(1, "dog", paths[1]), found(2, "cat", paths[0]), found(3, "cat", paths[2])]
        let section = QueryPage.Section(
            name: paths[0], path: paths[0], label: label, results: [("none", raw), (head, tuned)])
        let all = paths + ["/gone.jpg"]
        return QueryPage([section], facts: [("store", "s")], thumbnails: Thumbnails(of: all, side: 64)).text
    }

    private func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }

    @Test("shows every picture, right and wrong labels, and how ranks moved")
    func content() throws {
        let folder = try TemporaryFolder()
        let text = try page(folder)
        #expect(count("data:image/jpeg;base64,", in: text) == 6 && count("class=\"gone\"", in: text) == 1)
        #expect(count("<li class=\"right\">", in: text) == 3 && count("<li class=\"wrong\">", in: text) == 3)
        #expect(count("▲1", in: text) == 1 && count("▼1", in: text) == 1 && count(">new<", in: text) == 1)
        #expect(text.contains("1 of 3 have") && text.contains("2 of 3 have"))
        #expect(text.contains("raw features") && text.contains("head h") && text.contains("0.8750"))
        let unknown = try page(folder, label: nil)
        #expect(!unknown.contains("class=\"right\"") && !unknown.contains("class=\"wrong\""))
    }

    @Test("carries a JPEG of each picture that decodes to it")
    func thumbnails() throws {
        let folder = try TemporaryFolder()
        let text = try page(folder)
        let start = try #require(text.range(of: "data:image/jpeg;base64,")?.upperBound)
        let data = try #require(Data(base64Encoded: String(text[start...].prefix { $0 != "\"" })))
        let picture = try ImageDecoder().decode(data)
        #expect((picture.width, picture.height) == (20, 10) && abs(Int(picture.pixels[0]) - 60) < 4)
    }

    @Test("fetches nothing and runs nothing, whatever names say")
    func hostile() throws {
        let folder = try TemporaryFolder()
        let evil = "\"><script>alert('x')</script>&\u{1B}[2J"
        let text = try page(folder, head: evil, label: evil)
        #expect(!text.contains("<script") && !text.contains("\u{1B}"))
        #expect(text.contains("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\u{FFFD}[2J"))
        #expect(text.contains("default-src 'none'") && !text.contains("http://") && !text.contains("https://"))
        #expect(HTML.escaped("<a href='x'>&\"\u{7F}é\n") == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\u{FFFD}é\n")
    }
}
