import Testing

@testable import ModelGraph

@Suite("Spelling")
struct SpellingTests {
    @Test(
        "Distances are the number of edits",
        arguments: [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("flaw", "lawn", 2)])
    func distances(_ first: String, _ second: String, _ expected: Int) {
        #expect(Spelling.distance(Array(first.utf8), Array(second.utf8)) == expected)
        #expect(Spelling.distance(Array(second.utf8), Array(first.utf8)) == expected)
    }

    @Test("The nearest come first, in the order of the list where they are equally near")
    func nearest() {
        #expect(Spelling.nearest(to: "LAYER5", in: ["fc", "layer4", "layer1"], limit: 2) == ["layer4", "layer1"])
        #expect(Spelling.nearest(to: "x", in: []).isEmpty)
    }
}
