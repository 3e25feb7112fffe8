import Tensors

/// One of `count` parts of a listing, so that several machines can build a part each.
///
/// A picture's part follows from its path alone: with h the first eight bytes of the SHA-256 of the path relative to the
/// listing's root (UTF-8, no leading slash), read as a little-endian unsigned integer, it is in the part `h mod count + 1`. So
/// it stays there when other pictures come or go, and every machine that has the folder, wherever it is, divides it alike.
public struct BuildShard: Sendable, Hashable, CustomStringConvertible {
    /// Which part, `1...count`.
    public let number: Int
    /// How many parts there are.
    public let count: Int

    /// The part `number` of `count`; nil unless `1 <= number <= count`.
    public init?(number: Int, of count: Int) {
        guard count >= 1, (1...count).contains(number) else { return nil }
        (self.number, self.count) = (number, count)
    }

    /// Reads `I/N`, such as `2/4`; nil where `text` is something else or does not fulfill 1 <= I <= N.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in part.utf8.allSatisfy { (48...57).contains($0) } }
        guard parts.count == 2, isPlain, let number = Int(parts[0]), let count = Int(parts[1]) else { return nil }
        self.init(number: number, of: count)
    }

    /// As `init(_:)` reads it.
    public var description: String { "\(number)/\(count)" }

    /// Whether the picture at `path`, from the listing of `root`, is of this part; both absolute.
    public func contains(_ path: String, root: String) -> Bool {
        let digest = Fingerprint(of: Array(Self.relative(path, to: root))).bytes
        let value = digest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return value % UInt64(count) == UInt64(number - 1)
    }

    private static func relative(_ path: String, to root: String) -> Substring.UTF8View {
        let folder = root.hasSuffix("/") ? root : root + "/"
        guard path.utf8.starts(with: folder.utf8) else { return path[...].utf8 }
        return path.utf8.dropFirst(folder.utf8.count)
    }
}
