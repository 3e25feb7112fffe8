public import Tensors

/// A picture of a listing, as a writer records it.
public struct PictureEntry: Sendable, Hashable {
    /// The file's absolute path; a store lists each path once.
    public let path: String
    /// The class it belongs to, where the listing gives one.
    public let label: String?
    /// What it is for, such as `train` or `gallery,query`, where the listing says it.
    public let split: String?
    /// SHA-256 of the file's bytes.
    public let content: Fingerprint
    /// The file's length in bytes.
    public let size: Int
    /// When the file was last changed, in nanoseconds since 1970.
    public let modified: Int64
    /// The root folder of the listing that it came from.
    public let root: String

    /// An entry with these facts.
    public init(
        path: String, label: String?, split: String? = nil, content: Fingerprint, size: Int, modified: Int64,
        root: String
    ) {
        self.path = path
        self.label = label
        self.split = split
        self.content = content
        self.size = size
        self.modified = modified
        self.root = root
    }
}

/// A file that gave no feature in a space, and why.
public struct FailureEntry: Sendable, Hashable {
    /// The file's absolute path.
    public let path: String
    /// The root folder of the listing that it came from.
    public let root: String
    /// What was wrong, in a sentence.
    public let reason: String
    /// The file's length in bytes when it failed.
    public let size: Int
    /// When the file had last been changed, in nanoseconds since 1970.
    public let modified: Int64

    /// An entry with these facts.
    public init(path: String, root: String, reason: String, size: Int, modified: Int64) {
        self.path = path
        self.root = root
        self.reason = reason
        self.size = size
        self.modified = modified
    }
}

/// A listed picture that has a feature, as a reader gives it.
public struct StoredPicture: Sendable, Hashable {
    /// The file's absolute path.
    public let path: String
    /// The root folder of the listing that it came from.
    public let root: String
    /// The class it belongs to, where the listing gave one.
    public let label: String?
    /// What it is for, as its listing said; several splits are joined by commas.
    public let split: String?
    /// SHA-256 of the file's bytes; the key of its feature in `FeatureTable.contents`.
    public let content: Fingerprint

    /// A picture with these facts.
    public init(path: String, root: String, label: String?, split: String? = nil, content: Fingerprint) {
        (self.path, self.root, self.label, self.split, self.content) = (path, root, label, split, content)
    }

    /// Whether it is of a split.
    public func isIn(split name: String) -> Bool {
        split?.split(separator: ",").contains { $0 == name[...] } ?? false
    }
}
