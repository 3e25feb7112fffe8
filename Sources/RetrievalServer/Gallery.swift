import FeatureStorage
import Foundation
import Pipeline
import Synchronization
import Tensors

/// The store as it was at a moment: its listing in memory, and searches that are opened as they are asked for.
final class Gallery: Sendable {
    let store: FeatureStore
    let space: FeatureSpace
    /// The listed pictures that have a feature, in the order of their paths' bytes.
    let pictures: [StoredPicture]
    /// For each content, ascending, its first picture.
    private let contents: [(content: Fingerprint, picture: Int)]
    private let searches = Mutex<[String: PictureSearch]>([:])

    /// Reads the listing of a space. Throws `InputError` where the store cannot be read.
    init(store: FeatureStore, space: FeatureSpace) throws {
        (self.store, self.space) = (store, space)
        let pictures = try store.pictures(in: space)
        self.pictures = pictures
        let numbered = pictures.indices.map { (content: pictures[$0].content, picture: $0) }
        let sorted = numbered.sorted { ($0.content, $0.picture) < ($1.content, $1.picture) }
        contents = sorted.enumerated().filter { $0 == 0 || sorted[$0 - 1].content != $1.content }.map(\.element)
    }

    /// The picture whose content begins with some hexadecimal digits, of several paths the first. Throws where there is none, or more
    /// than one.
    func picture(_ digits: String) throws -> StoredPicture {
        guard (8...64).contains(digits.utf8.count), digits.allSatisfy(\.isHexDigit) else {
            throw ServerError.wrong("An id has 8 to 64 hexadecimal digits.")
        }
        let wanted = digits.lowercased()
        guard let lowest = Fingerprint(hex: wanted + String(repeating: "0", count: 64 - wanted.utf8.count)) else {
            throw ServerError.wrong("An id has 8 to 64 hexadecimal digits.")
        }
        let start = firstPlace { $0.content >= lowest }
        let fitting = contents[start...].prefix(2).filter { $0.content.hex.hasPrefix(wanted) }
        guard fitting.count == 1, let found = fitting.first else {
            throw fitting.isEmpty
                ? ServerError.missing("No stored picture has that id.")
                : ServerError.wrong("Several pictures have ids that begin so.", remedy: "Give more of it.")
        }
        return pictures[found.picture]
    }

    /// The first place of `contents` from which on `isBehind` says yes.
    private func firstPlace(_ isBehind: ((content: Fingerprint, picture: Int)) -> Bool) -> Int {
        var (low, high) = (0, contents.count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(contents[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// A head of the store, or none. Unlike the command line, a request names no file.
    func choice(of head: String) throws -> HeadChoice {
        let library = HeadLibrary(store: store)
        guard head == "none" || library.names().contains(head) else {
            throw ServerError.missing("The store has no head of that name.")
        }
        return try HeadChoice(option: head, library: library, space: space)
    }

    /// The search under a head, opened once. Throws `InputError` where there is no such head or its embeddings cannot be made.
    func search(_ head: String) throws -> PictureSearch {
        if let known = searches.withLock({ $0[head] }) { return known }
        let opened = try PictureSearch(store: store, source: EmbeddingSource(space: space, head: choice(of: head)))
        return searches.withLock { searches in
            searches[head] = searches[head] ?? opened
            return searches[head] ?? opened
        }
    }
}
