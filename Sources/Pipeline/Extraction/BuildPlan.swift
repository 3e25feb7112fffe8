import FeatureStorage
import ImageInput
import Tensors

/// What a build has to do, told from the folder as it is and the store as it is.
struct BuildPlan {
    /// Files to read, in the seeded random order in which they are extracted.
    private(set) var toRead: [ListedPicture] = []
    /// Pictures whose bytes are known but whose label changed.
    private(set) var relabeled: [PictureEntry] = []
    /// Paths that the store lists and the folder no longer has.
    let removed: [String]
    /// Pictures for which nothing has to be done.
    private(set) var unchanged = 0
    /// Pictures that failed before and have not changed; they are not tried again.
    private(set) var stillFailing: [FailureEntry] = []

    init(
        listing: PictureListing, known: [PictureEntry], failures: [FailureEntry],
        withFeature: Set<Fingerprint>, retryFailed: Bool, seed: UInt64
    ) {
        let known = Dictionary(uniqueKeysWithValues: known.map { (ExactText($0.path), $0) })
        let failures = Dictionary(uniqueKeysWithValues: failures.map { (ExactText($0.path), $0) })
        for picture in listing.pictures {
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
        let listed = Set(listing.pictures.map { ExactText($0.path) })
        removed = !listing.isFolder ? [] : Set(known.keys).union(failures.keys).subtracting(listed).map(\.text).sorted()
    }
}

extension PictureEntry {
    /// The same picture under another label.
    func relabeled(_ label: String?) -> PictureEntry {
        PictureEntry(path: path, label: label, content: content, size: size, modified: modified, root: root)
    }
}
