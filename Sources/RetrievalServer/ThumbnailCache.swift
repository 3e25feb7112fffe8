import FeatureStorage
import Foundation
import ImageInput
import Pipeline
import Synchronization
import Tensors

/// Small JPEG files of pictures, those that were asked for last.
final class ThumbnailCache: Sendable {
    fileprivate struct Key: Hashable {
        let content: Fingerprint
        let side: Int
    }

    fileprivate struct State {
        var files: [Key: (data: Data, used: Int)] = [:]
        var (bytes, clock) = (0, 0)
    }

    private let state = Mutex(State())
    private let most: Int

    /// A cache of at most `most` bytes.
    init(most: Int = 64 << 20) { self.most = most }

    /// The picture in a square of `side` pixels. Throws where its file is gone or has another content by now.
    func jpeg(of picture: StoredPicture, side: Int) throws -> Data {
        let key = Key(content: picture.content, side: side)
        if let known = state.withLock({ $0.use(key) }) { return known }
        guard let bytes = try? StoredPictureFile.bytes(of: picture) else {
            throw ServerError.missing("The picture's file is gone, or has been changed.")
        }
        guard let small = try? Picture.thumbnail(of: bytes, side: side) else {
            throw ServerError.missing("The picture's file cannot be decoded any more.")
        }
        let data = small.jpegFile()
        state.withLock { $0.keep(data, key, most: most) }
        return data
    }
}

extension ThumbnailCache.State {
    /// A file that is there, which counts as used now.
    fileprivate mutating func use(_ key: ThumbnailCache.Key) -> Data? {
        guard let found = files[key] else { return nil }
        clock += 1
        files[key] = (found.data, clock)
        return found.data
    }

    /// Keeps a file; where there is no room, the half that was not used for longest goes.
    fileprivate mutating func keep(_ data: Data, _ key: ThumbnailCache.Key, most: Int) {
        guard files[key] == nil else { return }
        clock += 1
        files[key] = (data, clock)
        bytes += data.count
        guard bytes > most else { return }
        let old = files.sorted { $0.value.used < $1.value.used }.prefix((files.count + 1) / 2)
        for (key, file) in old {
            files[key] = nil
            bytes -= file.data.count
        }
    }
}
