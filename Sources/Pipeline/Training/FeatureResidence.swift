/// Where training features are while a head is trained on them.
public enum FeatureResidence: Sendable, Hashable, CustomStringConvertible {
    /// All decoded once and kept: so many bytes.
    case memory(bytes: Int)
    /// Read in every epoch, in pools of at most so many chunks and bytes each, of which two are in memory at a time.
    case pools(chunks: Int, bytes: Int)

    /// One line for a person.
    public var description: String {
        switch self {
        case .memory(let bytes): "features stay in memory (\(MemoryBudget.text(bytes)))"
        case .pools(let chunks, let bytes):
            "features are read in pools of \(chunks) chunks, \(MemoryBudget.text(bytes)) each, two in memory at a time"
        }
    }

    /// The chunks in a pool; nil where everything is in memory.
    public var chunksPerPool: Int? {
        if case .pools(let chunks, _) = self { chunks } else { nil }
    }
}
