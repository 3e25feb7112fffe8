import Testing

@testable import ImageInput

@Suite("Where a center crop lies")
struct CropSpanTests {
    @Test(
        "offsets are rounded half to even, as Python's round does",
        arguments: [(224, 0), (225, 0), (226, 1), (227, 2), (228, 2), (229, 2), (231, 4), (233, 4), (341, 58)])
    func offsets(length: Int, offset: Int) {
        let span = CropSpan(of: 224, in: length)
        #expect(span.visible == offset..<offset + 224)
        #expect(span.padding == 0)
    }

    @Test("an axis shorter than the crop is padded, less before than after", arguments: [(223, 0), (222, 1), (219, 2)])
    func padding(length: Int, padding: Int) {
        let span = CropSpan(of: 224, in: length)
        #expect(span.visible == 0..<length)
        #expect(span.padding == padding)
    }
}
