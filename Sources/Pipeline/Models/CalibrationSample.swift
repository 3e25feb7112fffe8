public import Backbones
import Foundation
public import ImageInput
import Tensors

/// Some pictures of a listing on which a network's calibration is measured.
///
/// Which ones follows from the seed and from the set of the pictures' contents: neither names nor order nor duplicates
/// matter. Every file of the listing is read once for that.
public struct CalibrationSample: Sendable {
    /// How many pictures are taken where there are as many.
    public static let size = 64

    /// The pictures; those that cannot be decoded are passed over later.
    private let pictures: [ListedPicture]
    private let decoder: ImageDecoder

    /// The sample of `listing` under `seed`.
    public init(of listing: PictureListing, seed: UInt64, decoder: ImageDecoder) {
        self.decoder = decoder
        let salt = withUnsafeBytes(of: seed.littleEndian) { Array($0) }
        var ranks: [Fingerprint: ListedPicture] = [:]
        for picture in listing.pictures {
            guard let file = try? PictureFile(picture) else { continue }
            ranks[Fingerprint(of: salt + Fingerprint(of: file.bytes).bytes)] = picture
        }
        pictures = ranks.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The calibration of `model` on the sample. Throws `InputError` where no picture can be decoded or oneDNN refuses a
    /// layer.
    public func calibration(of model: FrozenModel, batchSize: Int) throws -> Calibration {
        let preprocessor = model.preprocessor
        let calibrator = try Calibrator(
            graph: model.graph, height: preprocessor.cropHeight, width: preprocessor.cropWidth, batchSize: batchSize)
        var batch = Tensor4(
            count: batchSize, channels: 3, height: preprocessor.cropHeight, width: preprocessor.cropWidth)
        var taken = 0
        for listed in pictures where taken < Self.size {
            guard let picture = try? decoder.decode(try PictureFile(listed).bytes),
                (try? preprocessor.write(picture, to: &batch, at: taken % batchSize)) != nil
            else { continue }
            taken += 1
            if taken % batchSize == 0 { try calibrator.observe(batch) }
        }
        guard taken > 0 else {
            throw InputError(
                "calibration", "finds no picture that can be decoded", remedy: "Use --precision bf16 or f32.")
        }
        if taken % batchSize > 0 { try calibrator.observe(batch.prefix(taken % batchSize)) }
        return calibrator.calibration()
    }
}
