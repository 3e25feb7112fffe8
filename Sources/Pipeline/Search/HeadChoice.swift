public import FeatureStorage
import Tensors

/// Which vectors a command works on.
public enum HeadChoice: Sendable {
    /// The raw features.
    case none
    /// What a head makes of them.
    case head(LoadedHead)

    /// Reads a `--head` option: `none`, a name, a file, or nil for the newest head of the space that was better than the
    /// raw features on held-out pictures, and the raw features where there is none. Throws as `HeadLibrary.load` does.
    public init(option: String?, library: HeadLibrary, space: FeatureSpace) throws {
        switch option {
        case "none": self = .none
        case let reference?: self = .head(try library.load(reference, for: space))
        case nil:
            let candidates = try library.records().filter {
                $0.space == space.fingerprint && $0.beatsRawFeatures
            }
            self = try candidates.first.map { .head(try library.load($0.name, for: space)) } ?? .none
        }
    }

    /// The head, if any.
    public var loaded: LoadedHead? {
        if case .head(let head) = self { head } else { nil }
    }

    /// What to call it: the head's name, or `none`.
    public var name: String { loaded?.name ?? "none" }

    /// What to call it before people: `head NAME`, or `raw features`.
    public var title: String { loaded.map { "head \($0.name)" } ?? "raw features" }
}
