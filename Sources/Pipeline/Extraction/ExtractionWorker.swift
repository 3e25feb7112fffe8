import Backbones
import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// Decodes pictures and computes their features, all on one thread, so that as many workers as there are cores keep each
/// other from nothing.
struct ExtractionWorker: Sendable {
    let root: String
    let backbone: any Backbone
    let batchSize: Int
    let decoder: ImageDecoder
    let preprocessor: ImagePreprocessor
    let queue: BoundedQueue<PictureToExtract>
    let results: OrderedResults<ExtractedPicture>

    /// Takes pictures until there are no more. Tells `waited` of each time that it waited for a file, in seconds.
    func run(waited: (Double) -> Void) {
        var batch = Tensor4(
            count: batchSize, channels: 3, height: preprocessor.cropHeight, width: preprocessor.cropWidth)
        while true {
            let started = ContinuousClock.now
            let first = queue.pop()
            waited((ContinuousClock.now - started).seconds)
            guard let first, extract(first, &batch) else { return }
        }
    }

    /// Extracts a batch that begins with `first`. It takes what has been read at the moment: waiting for more with pictures in
    /// hand would hold up those that come after them. False where nothing is taken any more.
    private func extract(_ first: PictureToExtract, _ batch: inout Tensor4) -> Bool {
        var decoded: [PictureToExtract] = []
        var failures: [Int: ExtractedPicture] = [:]
        var next: PictureToExtract? = first
        while let picture = next {
            do {
                try preprocessor.write(try decoder.decode(picture.bytes), to: &batch, at: decoded.count)
                decoded.append(picture)
            } catch {
                failures[picture.index] = failed(picture, error)
            }
            next = decoded.count + failures.count < batchSize ? queue.popIfAny() : nil
        }
        do {
            let features = decoded.isEmpty ? nil : try backbone.features(of: batch.prefix(decoded.count))
            return put(decoded, features, failures)
        } catch {
            results.fail(error)
            return false
        }
    }

    private func failed(_ picture: PictureToExtract, _ error: any Error) -> ExtractedPicture {
        let entry = picture.entry
        return .failed(
            FailureEntry(picture.picture, root: root, error, size: entry.size, modified: entry.modified),
            content: entry.content)
    }

    private func put(
        _ pictures: [PictureToExtract], _ features: Matrix?, _ failures: [Int: ExtractedPicture]
    ) -> Bool {
        var outcomes = failures
        if let features {
            for (row, picture) in pictures.enumerated() {
                outcomes[picture.index] = .feature(picture.entry, of: features, row: row)
            }
        }
        return outcomes.sorted { $0.key < $1.key }.allSatisfy { results.put($0.value, at: $0.key) }
    }
}
