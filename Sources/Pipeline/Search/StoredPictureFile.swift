public import FeatureStorage
public import Foundation
import Tensors

/// The file of a stored picture.
public enum StoredPictureFile {
    /// Its bytes, from the disk or from an archive. Throws `InputError` where it is gone, cannot be read, or has another content by now.
    public static func bytes(of picture: StoredPicture) throws -> Data {
        let bytes = try PictureFile(path: picture.path).bytes
        guard Fingerprint(of: bytes) == picture.content else {
            throw InputError(picture.path, "has changed since it was built", remedy: "Build again.")
        }
        return bytes
    }
}
