/// The weights' shapes in one stage of a network: blocks in one module, called `PREFIX.0`, `PREFIX.1` and so on.
///
/// Single tensors may be missing or of a wrong shape; what most blocks say is believed, and comparing with the blueprint finds
/// the others.
struct StageShapes {
    /// How many blocks the stage has, counted from 0 without a gap.
    let blocks: Int
    private let prefix: String
    private let shapes: [String: [Int]]

    /// Looks for a stage's blocks among the tensors of a file.
    init(_ prefix: String, in shapes: [String: [Int]]) {
        blocks = Self.count(prefix, in: shapes.keys)
        self.prefix = prefix
        self.shapes = shapes
    }

    /// How many modules `PREFIX.0`, `PREFIX.1`, ... there are without a gap.
    static func count(_ prefix: String, in names: some Sequence<String>) -> Int {
        let start = prefix + "."
        let inside = names.lazy.filter { $0.hasPrefix(start) }.map { $0.dropFirst(start.count) }
        let parts = inside.map { $0.split(separator: ".", maxSplits: 1) }
        let found = Set(parts.compactMap { $0.count == 2 ? Int($0[0]) : nil })
        return (0...).first { !found.contains($0) } ?? 0
    }

    /// The shape that most blocks have for one of their convolutions, or nil where none has one that can be.
    func commonShape(_ convolution: String) -> [Int]? {
        let found = (0..<blocks).compactMap { shape(convolution, of: $0) }
        let counts = Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +)
        return found.max { counts[$0, default: 0] < counts[$1, default: 0] }
    }

    /// The shape of a convolution's weight in one block; nil where it is missing or no convolution's.
    func shape(_ convolution: String, of block: Int) -> [Int]? {
        Self.kernels(shapes["\(prefix).\(block).\(convolution).weight"])
    }

    /// `shape` where it is one of a convolution's weight: four dimensions that are all at least 1, and small enough that a few
    /// of them can be multiplied.
    static func kernels(_ shape: [Int]?) -> [Int]? {
        shape.flatMap { $0.count == 4 && $0.allSatisfy { (1...1 << 20).contains($0) } ? $0 : nil }
    }
}
