import FeatureStorage
import ImageInput
import Tensors

/// What a build has to do, told from the folder as it is and the store as it is.
struct BuildPlan {
    /// Files to read, in the seeded random order in which they are extracted.
    private(set) var toRead: [ListedPicture] = []
    /// Pictures whose bytes are known but whose label changed.
    private(set) var relabeled: [PictureEntry] = []
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
        for picture in pictures {
            let status = PictureFile.status(picture.path)
            if let entry = known[ExactText(picture.path)], withFeature.contains(entry.content),
                let status, status == (entry.size, entry.modified)
            {
                // A picture named alone carries no label; what its folder said of it stays.
                if picture.label == entry.label || (picture.label == nil && !listing.isFolder) {
                    unchanged += 1
                } else {
                    relabeled.append(entry.relabeled(picture.label))
                }
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
        let listed = Set(pictures.map { ExactText($0.path) })
        let gone = Set(known.keys).union(failures.keys).subtracting(listed).map(\.text)
        removed = !listing.isFolder ? [] : gone.filter(isOurs).sorted()
    }
}

extension PictureEntry {
    /// The same picture under another label.
    func relabeled(_ label: String?) -> PictureEntry {
        PictureEntry(path: path, label: label, content: content, size: size, modified: modified, root: root)
    }
}
