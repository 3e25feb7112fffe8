import FeatureStorage
import ImageInput
import Tensors

/// What a build has to do, told from the folder as it is and the store as it is.
struct BuildPlan {
    /// Files to read, in the seeded random order in which they are extracted.
    private(set) var toRead: [ListedPicture] = []
    /// Pictures whose bytes are known but whose label or split changed, as they are now.
    private(set) var changed: [PictureEntry] = []
    /// How many of these have another label, and another split, than before.
    private(set) var (relabeled, resplit) = (0, 0)
    /// Pictures of the listing that this build has to do with.
    let listed: Int
    /// Paths that the store lists and the folder no longer has.
    let removed: [String]
    /// Pictures for which nothing has to be done.
    private(set) var unchanged = 0
    /// Pictures that failed before and have not changed; they are not tried again.
    private(set) var stillFailing: [FailureEntry] = []

    /// A plan for the pictures of `shard`, or for all where it is nil; what the store has of other shards is left alone.
    init(
        listing: PictureListing, shard: BuildShard? = nil, known: [PictureEntry], failures: [FailureEntry],
        withFeature: Set<Fingerprint>, retryFailed: Bool, seed: UInt64
    ) {
        let known = Dictionary(uniqueKeysWithValues: known.map { (ExactText($0.path), $0) })
        let failures = Dictionary(uniqueKeysWithValues: failures.map { (ExactText($0.path), $0) })
        let isOurs: (String) -> Bool = { shard?.contains($0, root: listing.root) ?? true }
        let pictures = listing.pictures.filter { isOurs($0.path) }
        self.listed = pictures.count
        let paths = Set(pictures.map { ExactText($0.path) })
        let gone = Set(known.keys).union(failures.keys).subtracting(paths).map(\.text)
        removed = !listing.isFolder ? [] : gone.filter(isOurs).sorted()
        for picture in pictures {
            let (status, entry) = (PictureFile.status(picture), known[ExactText(picture.path)])
            let picture = entry.map { picture.keeping($0, in: listing) } ?? picture
            if let entry, withFeature.contains(entry.content), let status, status == (entry.size, entry.modified),
                picture.has(entry.content)
            {
                take(entry, label: picture.label, split: picture.split)
            } else if !retryFailed, let failure = failures[ExactText(picture.path)], let status,
                status == (failure.size, failure.modified)
            {
                stillFailing.append(failure)
            } else {
                toRead.append(picture)
            }
        }
        var generator = SeededGenerator(seed: seed)
        generator.shuffle(&toRead)
    }

    /// Takes a picture whose bytes are known.
    private mutating func take(_ entry: PictureEntry, label: String?, split: String?) {
        guard label != entry.label || split != entry.split else {
            unchanged += 1
            return
        }
        relabeled += label != entry.label ? 1 : 0
        resplit += split != entry.split ? 1 : 0
        changed.append(
            PictureEntry(
                path: entry.path, label: label, split: split, content: entry.content, size: entry.size,
                modified: entry.modified, root: entry.root))
    }
}

extension ListedPicture {
    /// The picture with what the store knows of it and the listing does not: a picture named alone carries no label, nor do those right in
    /// the folder that is listed, of which a listing of a folder above may have told.
    fileprivate func keeping(_ entry: PictureEntry, in listing: PictureListing) -> ListedPicture {
        guard !listing.isFolder || ExactText(entry.root) != ExactText(listing.root) else { return self }
        return ListedPicture(path: path, label: label ?? entry.label, split: split ?? entry.split, bytes: bytes)
    }

    /// Whether the bytes that it brought along, if any, are a content.
    fileprivate func has(_ content: Fingerprint) -> Bool { bytes.map { Fingerprint(of: $0) == content } ?? true }
}
