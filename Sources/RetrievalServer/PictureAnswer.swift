import FeatureStorage
import Tensors

/// A picture as answers have it.
struct PictureAnswer: Encodable, Sendable {
    let id, path: String
    let label, split: String?

    private enum CodingKeys: CodingKey { case id, path, label, split }

    init(id: String, path: String, label: String?, split: String?) {
        (self.id, self.path, self.label, self.split) = (id, path, label, split)
    }

    init(_ picture: StoredPicture) {
        self.init(id: picture.content.hex, path: picture.path, label: picture.label, split: picture.split)
    }

    /// Writes null where there is no label or split, so that every answer has the same members.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(path, forKey: .path)
        try container.encode(label, forKey: .label)
        try container.encode(split, forKey: .split)
    }
}
