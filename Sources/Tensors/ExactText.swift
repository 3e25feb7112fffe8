/// A text that equals another only byte by byte, as paths do: `String` takes two spellings of an accent for one.
package struct ExactText: Hashable, Sendable {
    /// The text.
    package let text: String

    /// The same text, compared exactly.
    package init(_ text: String) { self.text = text }

    /// Whether the UTF-8 of both is the same.
    package static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    /// Feeds the UTF-8.
    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
